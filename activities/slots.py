"""Releasing reserved time, tentatively, and taking that back."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.signatures import SlotSteps
from domain.contracts import Step
from domain.decisions import Decision, LineAmount
from storage import decisions, effects, events, requests, reservations, subjects
from storage.effects import EffectState
from storage.reservations import ReservationRow, ReservationState
from storage.subjects import LineRow

RELEASE = "release_slots"


class Slots(SlotSteps):
    """Reservations in our own database."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions

    @activity.defn
    async def release_slots(self, step: Step) -> None:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            if await effects.claim(session, step.cancellation_id, RELEASE, step.at):
                return
            kept = await decisions.get(session, step.cancellation_id)
            lines = await subjects.lines_of(session, row.id)
            held = await reservations.active(session, row.id)
            chosen = choose(kept.decision, lines, held)
            await reservations.begin_release(session, chosen, step.cancellation_id, step.at)

    @activity.defn
    async def reserve_slots(self, step: Step) -> None:
        async with self._sessions.begin() as session:
            row = await requests.lock_subject(session, step.cancellation_id)
            before = await effects.compensate(session, step.cancellation_id, RELEASE, step.at)
            if before is not EffectState.DONE:
                return
            count = await reservations.move(
                session,
                step.cancellation_id,
                come_from=ReservationState.RELEASING,
                to=ReservationState.ACTIVE,
                at=step.at,
            )
            await events.record(
                session,
                row.id,
                "slots_reserved_again",
                step.at,
                cancellation_id=step.cancellation_id,
                data={"reservations": count},
            )


def choose(
    decision: Decision, lines: Sequence[LineRow], held: Sequence[ReservationRow]
) -> list[UUID]:
    """Which reservations go: all of a line that is cancelled whole, else one for each unit.

    A line whose units share a reservation (four people at one table) keeps it until the last
    unit is cancelled. The highest units go first.
    """
    open_units = {line.id: line.quantity - line.quantity_cancelled for line in lines}
    return [
        reservation.id
        for amount in decision.lines
        for reservation in _of_line(amount, open_units.get(amount.id, 0), held)
    ]


def _of_line(
    amount: LineAmount, open_units: int, held: Sequence[ReservationRow]
) -> list[ReservationRow]:
    own = [reservation for reservation in held if reservation.line_id == amount.id]
    if amount.quantity >= open_units:
        return own
    if len(own) < open_units:
        return []
    by_unit = sorted(own, key=lambda reservation: (reservation.starts_at, -reservation.unit))
    return by_unit[: amount.quantity * len(own) // open_units]
