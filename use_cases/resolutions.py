"""A person's way out of what waits for one."""

from contextlib import suppress
from typing import Annotated
from uuid import UUID

from pydantic import Field

from domain.attention import Choice, check_card_hold_choice, check_choice
from domain.contracts import CancelSubject, CardHoldWord, Resolution
from domain.errors import AlreadyAnswered, CancellationNotFound, ChoiceNotAllowed, InvalidRequest
from domain.values import Value
from storage import events
from storage.cancellations import CancellationRow
from use_cases import cases, payouts, replies
from use_cases.actors import Actor
from use_cases.cases import Case
from use_cases.context import Context
from use_cases.run_errors import NoRun
from use_cases.views import CancellationView

REFUND = "refund"
CARD_HOLD = "card_hold"


class Decided(Value):
    """What a person chose for a step, and why. A refund's step names the refund, a held card's
    the card."""

    step: str
    choice: Choice
    reason: Annotated[str, Field(max_length=500)] | None = None
    refund_id: UUID | None = None
    card_hold_id: UUID | None = None


async def resolve(
    context: Context, actor: Actor, cancellation_id: UUID, decided: Decided
) -> CancellationView:
    """Take one of the ways out that are offered.

    The choice and its reason are on record before the run is told. Raises ChoiceNotAllowed,
    SecondPersonRequired, AlreadyAnswered. A run that was closed before its
    end is started again under its id, and goes on from what has been done.
    """
    if decided.step == REFUND:
        return await _resolve_refund(context, actor, cancellation_id, decided)
    async with context.sessions.begin() as session:
        case = await cases.get(session, cancellation_id)
        row = _cancellation(case)
        check_choice(decided.step, decided.choice, sealed=case.is_sealed)
        _check_waits(case, row, decided)
        _check_reason(decided)
        await events.record(
            session,
            row.subject_id,
            "resolution_chosen",
            context.clock(),
            actor=actor.id,
            cancellation_id=row.id,
            data=decided.model_dump(mode="json", exclude_none=True),
        )
    with suppress(TimeoutError):
        await _tell_run(context, actor, case, row, decided)
    async with context.sessions() as session:
        return cases.view(await cases.get(session, cancellation_id))


async def _resolve_refund(
    context: Context, actor: Actor, cancellation_id: UUID, decided: Decided
) -> CancellationView:
    """Take a way out for one of the cancellation's refunds, as `payouts.choose` does."""
    async with context.sessions() as session:
        case = await cases.get(session, cancellation_id)
        _cancellation(case)
    if decided.refund_id is None or decided.refund_id not in {row.id for row in case.refunds}:
        raise InvalidRequest("name one of this cancellation's refunds in refund_id")
    await payouts.choose(context, actor, decided.refund_id, decided.choice, decided.reason)
    async with context.sessions() as session:
        return cases.view(await cases.get(session, cancellation_id))


def _cancellation(case: Case) -> CancellationRow:
    if case.cancellation is None:
        raise CancellationNotFound(f"request {case.request.id} is no cancellation")
    return case.cancellation


def _check_waits(case: Case, row: CancellationRow, decided: Decided) -> None:
    """Refuse a way out of something that doesn't wait for a person."""
    if decided.step == CARD_HOLD:
        _check_card_hold(case, decided)
    elif row.is_at_rest:
        raise replies.answered(case)
    elif row.attention != decided.step:
        waits = row.attention or "nothing"
        raise ChoiceNotAllowed(f"{waits} waits for a person, not {decided.step}", waits=waits)


def _check_card_hold(case: Case, decided: Decided) -> None:
    held = {hold.id: hold for hold in cases.own_holds(case)}
    hold = held.get(decided.card_hold_id) if decided.card_hold_id else None
    if hold is None:
        raise InvalidRequest("name one of this cancellation's held cards in card_hold_id")
    if hold.attention is None:
        raise AlreadyAnswered(f"held card {hold.id} waits for nobody")
    check_card_hold_choice(hold.state, decided.choice)


def _check_reason(decided: Decided) -> None:
    if decided.choice is Choice.SKIP and not (decided.reason and decided.reason.strip()):
        raise InvalidRequest("skipping a step takes a reason")


async def _tell_run(
    context: Context, actor: Actor, case: Case, row: CancellationRow, decided: Decided
) -> None:
    if decided.step == CARD_HOLD:
        assert decided.card_hold_id is not None
        word = CardHoldWord(hold_id=decided.card_hold_id, choice=decided.choice, actor=actor.id)
        await context.runs.answer_card_hold(word)
        return
    resolution = Resolution(
        cancellation_id=row.id, step=decided.step, choice=decided.choice, actor=actor.id
    )
    try:
        await context.runs.resolve(case.subject.subject, row.n, resolution)
    except NoRun:
        await context.runs.resume(_resumed(case, row))


def _resumed(case: Case, row: CancellationRow) -> CancelSubject:
    return CancelSubject(
        cancellation_id=row.id,
        subject=case.subject.subject,
        n=row.n,
        fingerprint=case.request.request.fingerprint(),
        resume=True,
    )
