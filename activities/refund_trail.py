"""What the history keeps of a refund."""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from storage import events
from storage.refunds import RefundRow


async def record(
    session: AsyncSession, row: RefundRow, name: str, at: datetime, actor: str = "system"
) -> None:
    """Record a move of a refund with ids, codes and amounts."""
    await events.record(
        session,
        row.subject_id,
        name,
        at,
        actor=actor,
        cancellation_id=row.cancellation_id,
        data={
            "refund": str(row.id),
            "tender": row.tender_id,
            "method": row.method,
            "handling": row.handling,
            "form": row.form,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "attempt": row.attempt,
            "waits": row.attention,
            "failure": row.failure,
            "expected_by": row.expected_by.isoformat() if row.expected_by else None,
        },
    )
