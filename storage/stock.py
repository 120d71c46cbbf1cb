"""Goods on hand, and what a cancellation puts back."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, bindparam, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, table, words


class StockRow(Base):
    """A SKU that is counted; one without a row has no stock behind it."""

    __tablename__ = "stock"
    __table_args__ = (CheckConstraint("on_hand >= 0", "on_hand"),)

    sku: Mapped[str] = mapped_column(primary_key=True)
    on_hand: Mapped[int]
    updated_at: Mapped[Instant]


class StockMoveState(StrEnum):
    """A tentative one counts for nobody until the pivot makes it final."""

    TENTATIVE = "tentative"
    FINAL = "final"
    VOID = "void"


class StockMoveRow(Base):
    __tablename__ = "stock_moves"

    cancellation_id: Mapped[UUID] = mapped_column(ForeignKey("cancellations.id"), primary_key=True)
    line_id: Mapped[str] = mapped_column(primary_key=True)
    sku: Mapped[str] = mapped_column(ForeignKey("stock.sku"))
    quantity: Mapped[int]
    state: Mapped[StockMoveState] = mapped_column(words(StockMoveState))
    at: Mapped[Instant]


async def counted(session: AsyncSession, skus: Collection[str]) -> set[str]:
    """Which of these SKUs have stock behind them."""
    if not skus:
        return set()
    return set(await session.scalars(_COUNTED, {"skus": list(skus)}))


_COUNTED = select(StockRow.sku).where(StockRow.sku.in_(bindparam("skus", expanding=True)))


async def put_back(
    session: AsyncSession,
    cancellation_id: UUID,
    quantities: Collection[tuple[str, str, int]],
    at: datetime,
) -> None:
    """Note (line, sku, quantity) to go back; a line noted before stays as it is."""
    if not quantities:
        return
    rows = [
        {
            "cancellation_id": cancellation_id,
            "line_id": line,
            "sku": sku,
            "quantity": quantity,
            "state": StockMoveState.TENTATIVE,
            "at": at,
        }
        for line, sku, quantity in quantities
    ]
    await session.execute(_PUT_BACK, rows)


_PUT_BACK = insert(table(StockMoveRow)).on_conflict_do_nothing()


async def void(session: AsyncSession, cancellation_id: UUID, at: datetime) -> None:
    """Take tentative moves back; final ones stay."""
    await session.execute(
        update(StockMoveRow)
        .where(
            StockMoveRow.cancellation_id == cancellation_id,
            StockMoveRow.state == StockMoveState.TENTATIVE,
        )
        .values(state=StockMoveState.VOID, at=at)
        .execution_options(synchronize_session=False)
    )


async def finalise(session: AsyncSession, cancellation_id: UUID, at: datetime) -> None:
    """Put tentative moves on hand; repeating it finds none left."""
    made = (
        update(StockMoveRow)
        .where(
            StockMoveRow.cancellation_id == cancellation_id,
            StockMoveRow.state == StockMoveState.TENTATIVE,
        )
        .values(state=StockMoveState.FINAL, at=at)
        .returning(StockMoveRow.sku, StockMoveRow.quantity)
        .cte("made")
    )
    sums = (
        select(made.c.sku, func.sum(made.c.quantity).label("quantity"))
        .group_by(made.c.sku)
        .subquery()
    )
    await session.execute(
        update(StockRow)
        .where(StockRow.sku == sums.c.sku)
        .values(on_hand=StockRow.on_hand + sums.c.quantity, updated_at=at)
        .execution_options(synchronize_session=False)
    )
