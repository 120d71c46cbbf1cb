"""One row for each effect of a cancellation: what makes a repeat return what it did."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json, table, words


class EffectState(StrEnum):
    BEGUN = "begun"
    DONE = "done"
    COMPENSATED = "compensated"


class EffectRow(Base):
    """The cancellation's row may not exist yet, so there is no foreign key to it."""

    __tablename__ = "effects"

    cancellation_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(primary_key=True)
    state: Mapped[EffectState] = mapped_column(words(EffectState))
    result: Mapped[Json] = mapped_column(JSONB, default=dict)
    at: Mapped[Instant]


async def find(session: AsyncSession, cancellation_id: UUID, step: str) -> EffectRow | None:
    return await session.scalar(_FIND, {"cancellation_id": cancellation_id, "step": step})


_FIND = select(EffectRow).where(
    EffectRow.cancellation_id == bindparam("cancellation_id"), EffectRow.step == bindparam("step")
)


async def claim(
    session: AsyncSession, cancellation_id: UUID, step: str, at: datetime
) -> EffectRow | None:
    """Claim a step that is one transaction: None means do it now, and it is done on commit.

    Otherwise what happened before comes back: done, or compensated, which tells an attempt that
    outlived its time-out to do nothing.
    """
    return await _insert(session, cancellation_id, step, EffectState.DONE, at)


async def begin(
    session: AsyncSession, cancellation_id: UUID, step: str, at: datetime
) -> EffectRow | None:
    """Claim a step that calls a provider after this transaction; `finish` notes its end.

    Like `claim`, but an earlier attempt may also come back as begun: it may have had its effect.
    """
    return await _insert(session, cancellation_id, step, EffectState.BEGUN, at)


async def _insert(
    session: AsyncSession, cancellation_id: UUID, step: str, state: EffectState, at: datetime
) -> EffectRow | None:
    effect = {"cancellation_id": cancellation_id, "step": step, "state": state, "at": at}
    claimed = await session.scalar(_CLAIM, {**effect, "result": {}})
    return None if claimed else await find(session, cancellation_id, step)


_INSERT = insert(table(EffectRow))
_CLAIM = _INSERT.on_conflict_do_nothing().returning(EffectRow.step)


async def finish(
    session: AsyncSession,
    cancellation_id: UUID,
    step: str,
    at: datetime,
    result: dict[str, Any] | None = None,
) -> None:
    """Note that a step is done. A compensated one stays compensated."""
    effect = {"cancellation_id": cancellation_id, "step": step, "state": EffectState.DONE}
    await session.execute(_FINISH, {**effect, "result": result or {}, "at": at})


_FINISH = _INSERT.on_conflict_do_update(
    index_elements=[EffectRow.cancellation_id, EffectRow.step],
    set_={name: _INSERT.excluded[name] for name in ("state", "result", "at")},
    where=EffectRow.state == EffectState.BEGUN,
)


async def compensate(
    session: AsyncSession, cancellation_id: UUID, step: str, at: datetime
) -> EffectState | None:
    """Mark a step compensated, even one that never ran, and say what state it was in.

    None: it never ran. Compensated: an earlier call did this already.
    """
    before = await session.scalar(
        select(EffectRow.state)
        .where(EffectRow.cancellation_id == cancellation_id, EffectRow.step == step)
        .with_for_update()
    )
    await session.execute(
        insert(EffectRow)
        .values(
            cancellation_id=cancellation_id,
            step=step,
            state=EffectState.COMPENSATED,
            result={},
            at=at,
        )
        .on_conflict_do_update(
            index_elements=[EffectRow.cancellation_id, EffectRow.step],
            set_={"state": EffectState.COMPENSATED, "at": at},
            where=EffectRow.state != EffectState.COMPENSATED,
        )
    )
    return before


async def of_cancellation(session: AsyncSession, cancellation_id: UUID) -> dict[str, EffectState]:
    rows = await session.execute(
        select(EffectRow.step, EffectRow.state).where(EffectRow.cancellation_id == cancellation_id)
    )
    return dict(rows.tuples().all())
