"""Asking a warehouse to stop before anything is put back or returned."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.signatures import WarehouseSteps
from domain.contracts import CLOCK, AssumeStop, Step
from domain.warehouses import StopAnswer, StopLine, StopRequest
from providers.warehouse import Warehouse
from storage import decisions, effects, events, requests, subjects, warehouses
from storage.effects import EffectState
from storage.subjects import SubjectRow
from storage.warehouses import ASK_TO_STOP

WAREHOUSE = "warehouse"


class Warehouses(WarehouseSteps):
    """The warehouse of this installation. Without one the question is an event in the outbox, and
    whoever reads it answers."""

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], warehouse: Warehouse | None
    ) -> None:
        self._sessions = sessions
        self._warehouse = warehouse

    @activity.defn
    async def ask_to_stop(self, step: Step) -> StopAnswer:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            before = await effects.begin(session, step.cancellation_id, ASK_TO_STOP, step.at)
            if before and before.state is EffectState.COMPENSATED:
                return StopAnswer.REFUSED
            if counts := warehouses.answer_of(before):
                return counts
            question = await _question(session, row, step.cancellation_id)
            if before is None:
                await _record(session, row, "warehouse_asked", step, question)
        if self._warehouse is None:
            return StopAnswer.PENDING
        told = await self._warehouse.ask_to_stop(question)
        return told if told is StopAnswer.PENDING else await self._keep(step, told, WAREHOUSE)

    @activity.defn
    async def assume_stop(self, step: AssumeStop) -> StopAnswer:
        return await self._keep(step, step.answer, CLOCK)

    async def _keep(self, step: Step, told: StopAnswer, actor: str) -> StopAnswer:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            await effects.begin(session, step.cancellation_id, ASK_TO_STOP, step.at)
            return await warehouses.answer(
                session, row.id, step.cancellation_id, told, step.at, actor
            )

    @activity.defn
    async def withdraw_stop(self, step: Step) -> None:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            effect = await warehouses.find(session, step.cancellation_id)
            await effects.compensate(session, step.cancellation_id, ASK_TO_STOP, step.at)
            is_first = effect is not None and effect.state is not EffectState.COMPENSATED
            question = await _question(session, row, step.cancellation_id) if effect else None
            if is_first and question:
                await _record(session, row, "warehouse_withdrawn", step, question)
        if question and self._warehouse:
            await self._warehouse.withdraw(question)


async def _question(session: AsyncSession, row: SubjectRow, cancellation_id: UUID) -> StopRequest:
    kept = await decisions.get(session, cancellation_id)
    asked = kept.decision.warehouse.lines if kept.decision.warehouse else ()
    skus = {line.id: line.sku for line in await subjects.lines_of(session, row.id)}
    return StopRequest(
        key=cancellation_id,
        subject=row.subject,
        lines=tuple(
            StopLine(id=line.id, sku=skus.get(line.id, ""), quantity=line.quantity)
            for line in kept.decision.lines
            if line.id in asked
        ),
    )


async def _record(
    session: AsyncSession, row: SubjectRow, name: str, step: Step, question: StopRequest
) -> None:
    await events.record(
        session,
        row.id,
        name,
        step.at,
        cancellation_id=step.cancellation_id,
        data={"lines": [line.model_dump() for line in question.lines]},
    )
