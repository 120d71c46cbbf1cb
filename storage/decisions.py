"""Decisions as they were made, whole, with their trace."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, bindparam, insert, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.contracts import Verdict
from domain.decisions import Decision, Outcome
from storage.base import Base, Instant, Json, table, words
from storage.cancellations import CancellationRow


class DecisionRow(Base):
    """The decision a cancellation follows, and what its run was told of it.

    An approval that sets an amount replaces both. `terms_hash` is of the lines and payments asked
    for: if it differs after a wait, facts have overtaken the decision.
    """

    __tablename__ = "decisions"

    cancellation_id: Mapped[UUID] = mapped_column(ForeignKey("cancellations.id"), primary_key=True)
    outcome: Mapped[Outcome] = mapped_column(words(Outcome))
    policy_id: Mapped[str]
    policy_version: Mapped[int]
    quote_id: Mapped[UUID | None]
    terms_hash: Mapped[str]
    document: Mapped[Json] = mapped_column(JSONB)
    verdict: Mapped[Json] = mapped_column(JSONB)
    created_at: Mapped[Instant]

    @property
    def decision(self) -> Decision:
        return Decision.model_validate(self.document)


async def find(session: AsyncSession, cancellation_id: UUID) -> DecisionRow | None:
    return await session.scalar(_FIND, {"cancellation_id": cancellation_id})


async def get(session: AsyncSession, cancellation_id: UUID) -> DecisionRow:
    return (await session.scalars(_FIND, {"cancellation_id": cancellation_id})).one()


async def get_with_cancellation(
    session: AsyncSession, cancellation_id: UUID
) -> tuple[CancellationRow, DecisionRow]:
    found = await session.execute(_WITH_CANCELLATION, {"cancellation_id": cancellation_id})
    cancellation, decision = found.one()
    return cancellation, decision


_FIND = select(DecisionRow).where(DecisionRow.cancellation_id == bindparam("cancellation_id"))
_WITH_CANCELLATION = (
    select(CancellationRow, DecisionRow)
    .join(DecisionRow, DecisionRow.cancellation_id == CancellationRow.id)
    .where(CancellationRow.id == bindparam("cancellation_id"))
    .execution_options(populate_existing=True)
)


async def keep(
    session: AsyncSession,
    cancellation_id: UUID,
    decision: Decision,
    verdict: Verdict,
    *,
    terms_hash: str,
    quote: UUID | None,
    at: datetime,
) -> None:
    """Keep a decision; the caller holds the subject's lock and has found none yet."""
    await session.execute(
        _KEEP,
        {
            "cancellation_id": cancellation_id,
            "outcome": decision.outcome,
            "policy_id": decision.policy_id,
            "policy_version": decision.policy_version,
            "quote_id": quote,
            "terms_hash": terms_hash,
            "document": decision.model_dump(mode="json"),
            "verdict": verdict.model_dump(mode="json"),
            "created_at": at,
        },
    )


_KEEP = insert(table(DecisionRow))


def replace(row: DecisionRow, decision: Decision, verdict: Verdict) -> None:
    row.document = decision.model_dump(mode="json")
    row.verdict = verdict.model_dump(mode="json")
