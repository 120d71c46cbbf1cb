"""Cards that are only held: captured in part or let go, after the pivot and only then."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.attention import Choice
from domain.card_holds import CardHoldState
from domain.dues import DueState
from domain.errors import AlreadyAnswered, DueUnderWay
from domain.reports import AppointmentReport
from domain.subjects import Handling, SubjectRef
from sandbox import control
from sandbox.control import Behaviour, Operation
from sandbox.records import CardPayment
from tests.end_to_end.conftest import DESK, Business
from use_cases import dues, policies, records, replies, resolutions, status, subjects
from use_cases.dues import Settled
from use_cases.resolutions import Decided
from use_cases.views import CancellationView, Status

LATE = {"currency": "EUR", "title": "A late fee of what is held", "rules": [{"keep": "25%"}]}
"""Nothing was paid before: what is kept is due, and the held card gives it."""


def a_held_card(held_minor: int = 4_000) -> dict[str, Any]:
    ref = f"hold-{uuid4().hex[:10]}"
    return {"method": "card_hold", "payment_ref": ref, "authorised_minor": held_minor}


async def booked(
    business: Business, document: dict[str, Any] = LATE, **known: Any
) -> tuple[SubjectRef, str]:
    """An appointment on a held card, and the card's reference."""
    await policies.keep_policy(business.context, DESK, "late", document)
    card = known.pop("card", None) or a_held_card()
    return await business.appointment("late", tenders=[card], **known), card["payment_ref"]


async def payment(business: Business, ref: str) -> CardPayment:
    found = await control.payment(business.cards, ref)
    assert found is not None
    return found


async def elsewhere(business: Business, ref: str, change: str) -> None:
    """What the bank, or somebody at the provider's own desk, did to the payment."""
    await business.cards.pool.execute(f"UPDATE sandbox.payments SET {change} WHERE ref = $1", ref)


async def settled(business: Business, done: CancellationView) -> CancellationView:
    return await business.until(done, lambda seen: all(hold.settled_at for hold in seen.card_holds))


async def test_the_fee_is_captured_after_the_pivot_and_the_rest_is_let_go(
    business: Business,
) -> None:
    subject, ref = await booked(business)
    seen = await settled(business, await business.ended(await business.cancel(subject)))
    card = await payment(business, ref)
    assert (card.captured, card.voided) == (1_000, False)
    assert [(hold.take_minor, hold.captured_minor) for hold in seen.card_holds] == [(1_000, 1_000)]
    assert [(due.amount_minor, due.taken_minor, due.state) for due in seen.dues] == [
        (1_000, 1_000, DueState.COLLECTED)
    ]
    assert seen.amount_due_minor == 0
    (tender,) = (await subjects.get(business.context, subject, ["en"])).tenders
    assert (tender.authorised_minor, tender.captured_minor) == (1_000, 1_000)
    assert tender.handling is Handling.PROVIDER
    assert await business.is_sound()


async def test_without_a_fee_the_card_is_let_go(business: Business) -> None:
    subject, ref = await booked(business, {"currency": "EUR", "title": "Free"})
    seen = await settled(business, await business.ended(await business.cancel(subject)))
    card = await payment(business, ref)
    assert (card.captured, card.voided) == (0, True)
    assert (seen.dues, seen.amount_due_minor) == ((), 0)
    assert await business.is_sound()


async def test_nothing_touches_the_card_before_the_pivot(business: Business) -> None:
    subject, ref = await booked(business, {**LATE, "undo": "10m"})
    asked = await business.reached(await business.cancel(subject), Status.UNDO_WINDOW)
    await replies.undo(business.context, DESK, asked.id, None)
    seen = await business.ended(asked)
    card = await payment(business, ref)
    assert (seen.state, seen.card_holds, seen.dues) == (Status.UNDONE, (), ())
    assert (card.captured, card.voided) == (0, False)
    assert await business.is_sound()


async def test_a_card_stays_held_for_the_rest_and_then_gives_all_that_is_due(
    business: Business,
) -> None:
    await policies.keep_policy(business.context, DESK, "late", LATE)
    card = a_held_card()
    subject = await business.order("late", tenders=[card])
    first = await business.ended(await business.cancel(subject, lines={"1": 1}))
    assert (first.card_holds, first.amount_due_minor) == ((), 0)
    assert [(due.amount_minor, due.state) for due in first.dues] == [(500, DueState.OWED)]
    assert (await payment(business, card["payment_ref"])).captured == 0
    rest = await settled(business, await business.ended(await business.cancel(subject)))
    assert (await payment(business, card["payment_ref"])).captured == 1_000
    assert [(hold.take_minor, hold.captured_minor) for hold in rest.card_holds] == [(1_000, 1_000)]
    assert [due.state for due in (await business.seen(first)).dues] == [DueState.COLLECTED]
    assert await business.is_sound()


@pytest.mark.slow
async def test_what_the_card_does_not_cover_is_the_merchants_to_collect(
    business: Business,
) -> None:
    subject, _ = await booked(business, card=a_held_card(300))
    seen = await settled(business, await business.ended(await business.cancel(subject)))
    assert [(due.taken_minor, due.state) for due in seen.dues] == [(300, DueState.OWED)]
    assert seen.amount_due_minor == 700
    word = Settled(state=DueState.COLLECTED, reason="paid at the desk")
    assert (await dues.settle(business.context, DESK, seen.dues[0].id, word)).settled_at
    await dues.settle(business.context, DESK, seen.dues[0].id, word)
    again = Settled(state=DueState.WAIVED, reason="after all")
    with pytest.raises(AlreadyAnswered):
        await dues.settle(business.context, DESK, seen.dues[0].id, again)
    assert (await business.seen(seen)).amount_due_minor == 0
    told = [event.type for event in await status.events_of(business.context, seen.id)]
    assert told.count("due_collected") == 1
    assert await business.is_sound()


async def test_a_hold_that_ran_out_gives_nothing_and_all_stays_due(business: Business) -> None:
    subject, ref = await booked(business)
    await elsewhere(business, ref, "voided = true")
    seen = await settled(business, await business.ended(await business.cancel(subject)))
    assert [(hold.captured_minor, hold.failure) for hold in seen.card_holds] == [
        (0, "no_longer_held")
    ]
    assert (seen.amount_due_minor, seen.attention) == (1_000, ())
    assert await business.is_sound()


async def test_a_no_goes_to_a_person_who_may_let_it_be_tried_again(business: Business) -> None:
    subject, ref = await booked(business)
    await control.script(
        business.cards, Behaviour.REJECTS, ref=ref, operation=Operation.CAPTURE, failure="blocked"
    )
    done = await business.ended(await business.cancel(subject))
    seen = await business.until(done, lambda seen: bool(seen.attention))
    (waits,) = seen.attention
    assert (waits.step, waits.failure) == ("card_hold", "blocked")
    assert seen.amount_due_minor == 1_000
    retry = Decided(step="card_hold", choice=Choice.RETRY, card_hold_id=waits.card_hold_id)
    await resolutions.resolve(business.context, DESK, seen.id, retry)
    seen = await settled(business, seen)
    assert (await payment(business, ref)).captured == 1_000
    assert (seen.amount_due_minor, seen.attention) == (0, ())
    assert await business.is_sound()


@pytest.mark.slow
async def test_what_was_captured_elsewhere_is_not_taken_for_ours(business: Business) -> None:
    subject, ref = await booked(business)
    await elsewhere(business, ref, "captured = 4000")
    done = await business.ended(await business.cancel(subject))
    seen = await business.until(done, lambda seen: bool(seen.attention))
    assert seen.attention[0].failure == "captured_elsewhere"
    (hold,) = seen.card_holds
    assert (hold.state, hold.captured_minor) == (CardHoldState.FAILED, 0)
    cash = Settled(state=DueState.COLLECTED, reason="paid at the desk")
    with pytest.raises(DueUnderWay):
        await dues.settle(business.context, DESK, seen.dues[0].id, cash)
    skip = Decided(
        step="card_hold", choice=Choice.SKIP, card_hold_id=hold.id, reason="the shop took all of it"
    )
    await resolutions.resolve(business.context, DESK, seen.id, skip)
    seen = await settled(business, seen)
    assert seen.card_holds[0].state is CardHoldState.WAIVED
    assert (await dues.settle(business.context, DESK, seen.dues[0].id, cash)).settled_at
    assert await business.is_sound()


async def test_a_report_does_not_hold_a_settled_card_again(business: Business) -> None:
    card = a_held_card()
    subject, _ = await booked(business, card=card)
    await settled(business, await business.ended(await business.cancel(subject)))
    before = await subjects.get(business.context, subject, ["en"])
    line = {"title": "Haircut", "unit_price_minor": 4_000, "starts_at": before.starts_at}
    report = AppointmentReport.model_validate(
        {
            "stage": "no_show",
            "currency": "EUR",
            "zone": "Europe/Berlin",
            "placed_at": before.placed_at,
            "customer": before.customer.model_dump(),
            "starts_at": before.starts_at,
            "ends_at": before.ends_at,
            "lines": [line | {"ends_at": before.ends_at, "resource": "chair"}],
            "tenders": [card],
        }
    )
    await records.report(business.context, DESK, subject, report)
    after = await subjects.get(business.context, subject, ["en"])
    assert after.stage == "no_show"
    assert after.tenders == before.tenders
    assert await business.is_sound()


@pytest.mark.slow
@pytest.mark.parametrize("keep", ["0%", "25%"])
@pytest.mark.parametrize(
    "behaviour", [Behaviour.LOSES_REPLY, Behaviour.UNAVAILABLE, Behaviour.ANSWERS_LATE]
)
async def test_after_silence_the_card_is_settled_once_also_when_our_key_is_forgotten(
    business: Business, behaviour: Behaviour, keep: str
) -> None:
    subject, ref = await booked(business, {**LATE, "rules": [{"keep": keep}]})
    operation = Operation.VOID if keep == "0%" else Operation.CAPTURE
    await control.script(business.cards, behaviour, ref=ref, operation=operation, seconds=1)
    done = await business.ended(await business.cancel(subject))
    await control.advance(business.cards, timedelta(days=2))  # keys are kept for a day
    await settled(business, done)
    card = await payment(business, ref)
    assert (card.captured, card.voided) == ((0, True) if keep == "0%" else (1_000, False))
    assert await business.is_sound()
