"""Letters about declarations of withdrawal that no mail server takes."""

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from runtime.doctor.findings import Finding, counted, fine, warning
from runtime.doctor.waiting import MAIL_PATIENCE
from storage.withdrawal_letters import LetterState, WithdrawalLetterRow

_SHOWN = 3


async def letters(session: AsyncSession) -> Finding:
    """Receipts that the law asks for, and letters to the business; each is told by its
    declaration."""
    parked = await _parked(session)
    overdue = await _overdue(session)
    if not parked and not overdue:
        return fine("withdrawal letters", "None is parked or overdue.")
    names = ", ".join(parked[:_SHOWN]) + ", …" * (len(parked) > _SHOWN)
    told = f" ({names})" if parked else ""
    says = f"{counted(len(parked), 'letter')} parked{told}, {overdue} overdue."
    remedy = (
        "What is parked is not tried again: reach the customer another way, with the receipt from "
        "their page. The law asks for it."
    )
    return warning("withdrawal letters", says, remedy)


async def _parked(session: AsyncSession) -> list[str]:
    row = WithdrawalLetterRow
    found = await session.execute(
        select(row.withdrawal_id, row.audience)
        .where(row.state == LetterState.PARKED)
        .order_by(row.created_at)
    )
    return [f"to the {audience}, {id_}" for id_, audience in found]


async def _overdue(session: AsyncSession) -> int:
    row, before = WithdrawalLetterRow, datetime.now(UTC) - MAIL_PATIENCE
    late = (row.state == LetterState.DUE, row.created_at < before)
    return await session.scalar(select(func.count()).select_from(row).where(*late)) or 0
