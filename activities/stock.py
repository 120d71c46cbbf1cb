"""Putting goods back, tentatively, and taking that back."""

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.signatures import StockSteps
from domain.contracts import Step
from domain.subjects import LineKind
from storage import decisions, effects, requests, stock, subjects

RESTOCK = "restock"


class Stock(StockSteps):
    """Stock counted in our own database."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    @activity.defn
    async def restock(self, step: Step) -> None:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            if await effects.claim(session, step.cancellation_id, RESTOCK, step.at):
                return
            kept = await decisions.get(session, step.cancellation_id)
            lines = await subjects.lines_of(session, row.id)
            skus = {line.id: line.sku for line in lines if line.kind is LineKind.GOODS}
            counted = await stock.counted(session, set(skus.values()))
            back = [
                (amount.id, skus[amount.id], amount.quantity)
                for amount in kept.decision.lines
                if amount.restock and skus.get(amount.id) in counted
            ]
            await stock.put_back(session, step.cancellation_id, back, step.at)

    @activity.defn
    async def unrestock(self, step: Step) -> None:
        async with self._sessions.begin() as session:
            await requests.lock_subject(session, step.cancellation_id)
            await effects.compensate(session, step.cancellation_id, RESTOCK, step.at)
            await stock.void(session, step.cancellation_id, step.at)
