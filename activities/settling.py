"""What a person's word does to a refund."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from activities import ladder
from activities.refund_news import tell_answer, tell_landed
from activities.refund_trail import record
from domain.attention import Choice, Waits, refund_choices
from domain.lifecycle import REFUND_AT_REST, RefundState
from domain.subjects import Handling
from storage import refunds
from storage.refunds import RefundRow
from storage.subjects import SubjectRow


async def settle(
    session: AsyncSession,
    subject: SubjectRow,
    row: RefundRow,
    choice: Choice,
    actor: str,
    at: datetime,
    amount_minor: int | None = None,
) -> None:
    """Do as somebody chose. The caller holds the subject's lock and saw that the refund waits.

    `amount_minor` is the part that is approved of one which nothing is booked for yet.
    """
    if row.state in REFUND_AT_REST or choice not in refund_choices(row.state, row.attention):
        return
    awaited_yes = row.attention == Waits.APPROVAL
    if row.attention == Waits.CUSTOMER:
        row.answer_by = None
    row.attention = None
    if choice is Choice.APPROVE and amount_minor and row.state is RefundState.OWED:
        row.amount_minor = min(amount_minor, row.amount_minor)
    await record(session, row, f"refund_{choice}", at, actor)
    match choice:
        case Choice.RETRY | Choice.APPROVE:
            await _go_on(session, row, at)
        case Choice.STORE_CREDIT:
            await ladder.give_credit(session, subject, row, at, actor)
        case Choice.PAY_BY_HAND:
            await ladder.hand_over(session, subject, row, at, actor)
        case Choice.SETTLE_BY_HAND:
            await _paid(session, row, at)
        case _:
            await refunds.move(session, row, RefundState.WAIVED, at)
    if awaited_yes:
        await tell_answer(session, row, at)


async def _go_on(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    """Let the next look ask the tender, with a new key where the last one had its no."""
    if row.handling is Handling.MANUAL and row.provider is not None:
        row.handling = Handling.PROVIDER
        row.attempt, row.attempt_begun = row.attempt + 1, False
    if row.state is RefundState.FAILED:
        row.attempt, row.attempt_begun = row.attempt + 1, False
        await refunds.move(session, row, RefundState.OWED, at)


async def _paid(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    if not await refunds.try_move(session, row, RefundState.PAID_OTHERWISE, at):
        await ladder.give_up(session, row, at)
        return
    row.handling, row.expected_by = Handling.MANUAL, None
    await tell_landed(session, row, at)
