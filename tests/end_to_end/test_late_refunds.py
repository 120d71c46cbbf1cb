"""Refunds that fail for good, or late: the next rung of the ladder, and what everybody is told."""

import asyncio
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from temporalio.client import WorkflowHandle

from domain.attention import Choice
from domain.lifecycle import RefundState
from domain.money_state import MoneyState
from sandbox import control
from sandbox.control import Behaviour
from storage import credit, subjects, tenders
from storage.tenders import TenderRow
from tests.end_to_end.conftest import DESK, MANAGER, Business, a_card
from use_cases import payouts, policies
from use_cases.views import CancellationView
from workflows.attributes import CANCELLATION

REFUSED = "lost_or_stolen_card"


async def landed(business: Business, policy: str = "plain", **known: Any) -> CancellationView:
    """A cancelled order whose 40.00 went back to the card at once."""
    done = await business.ended(await business.cancel(await business.order(policy, **known)))
    assert done.refunds[0].state is RefundState.SUCCEEDED
    return done


async def fail_late(business: Business, card: dict[str, Any], failure: str = REFUSED) -> None:
    (refund,) = await control.refunds_of(business.cards, card["payment_ref"])
    await control.fail_later(business.cards, refund.id, failure)


async def until_state(
    business: Business, done: CancellationView, state: RefundState
) -> CancellationView:
    return await business.until(done, lambda seen: seen.refunds[0].state is state)


async def headers(business: Business, count: int) -> list[str]:
    """The subject lines of the customer's mails, once so many came."""
    await business.until_mails(count)
    return [str(mail["Subject"]) for mail in business.mails.messages if "ada@" in str(mail["To"])]


async def returned(business: Business, done: CancellationView) -> tuple[int, int]:
    """What is pending and returned on the order's tender."""
    async with business.sessions() as session:
        row = await subjects.get(session, done.subject)
        (tender,) = await tenders.of_subject(session, row.id)
        return tender.pending_minor, tender.returned_minor


async def test_a_refund_that_fails_late_shifts_the_money_back_and_asks_the_customer(
    business: Business,
) -> None:
    card = a_card(4_000)
    done = await landed(business, tenders=[card])
    assert await returned(business, done) == (0, 4_000)
    await fail_late(business, card)
    await business.context.runs.follow(done.refunds[0].id)
    failed = await business.until(done, lambda seen: bool(seen.attention))
    assert (failed.refunds[0].state, failed.money) == (RefundState.FAILED, MoneyState.FAILED)
    assert failed.refunds[0].attention == "customer"
    assert Choice.STORE_CREDIT in failed.attention[0].choices
    assert await returned(business, done) == (0, 0)
    assert "How would you like your money" in (await headers(business, 4))[-1]
    assert await business.is_sound()
    await payouts.choose(business.context, MANAGER, done.refunds[0].id, Choice.STORE_CREDIT, None)
    settled = await until_state(business, done, RefundState.SUCCEEDED)
    assert (settled.refunds[0].handling, settled.refunds[0].form) == ("ledger", "store_credit")
    async with business.sessions() as session:
        assert await credit.balance(session, "credit/c-1", "EUR") == 4_000
    assert "is on its way" in (await headers(business, 5))[-1]
    assert await business.is_sound()


async def test_a_late_failure_that_may_pass_goes_to_the_same_card_with_a_new_key(
    business: Business,
) -> None:
    card = a_card(4_000)
    done = await landed(business, tenders=[card])
    (refund,) = await control.refunds_of(business.cards, card["payment_ref"])
    await control.fail_later(business.cards, refund.id, "insufficient_funds", retryable=True)
    await business.context.runs.follow(done.refunds[0].id)
    await until_state(business, done, RefundState.FAILED)
    await business.context.runs.follow(done.refunds[0].id)
    await until_state(business, done, RefundState.SUCCEEDED)
    made = await control.refunds_of(business.cards, card["payment_ref"])
    assert [one.state for one in made] == ["failed", "succeeded"]
    assert await business.is_sound()


@pytest.mark.parametrize(
    ("rung", "state", "attention"),
    [
        ("store_credit", RefundState.SUCCEEDED, None),
        ("person", RefundState.OWED, "manual"),
    ],
)
async def test_a_policy_says_what_comes_where_the_card_cannot_take_it(
    business: Business, rung: str, state: RefundState, attention: str | None
) -> None:
    document = {"title": rung, "currency": "EUR", "if_refund_fails": rung, "on_refused": "stand"}
    await policies.keep_policy(business.context, DESK, rung, document)
    card = a_card(4_000)
    await control.script(
        business.cards, Behaviour.REJECTS, ref=card["payment_ref"], failure=REFUSED, times=None
    )
    done = await business.ended(await business.cancel(await business.order(rung, tenders=[card])))
    seen = await until_state(business, done, state)
    assert seen.refunds[0].attention == attention
    if attention:
        assert Choice.SETTLE_BY_HAND in seen.attention[0].choices
    assert await business.is_sound()


async def test_a_refund_the_tender_no_longer_holds_is_a_definite_no(business: Business) -> None:
    document = {"title": "Who asks gets it", "currency": "EUR", "refund": "on_request"}
    await policies.keep_policy(business.context, DESK, "asking", document)
    card = {"id": "card", **a_card(4_000)}
    order = await business.order("asking", tenders=[card])
    done = await business.ended(await business.cancel(order))

    async def return_elsewhere(session: Any) -> None:
        row = await subjects.get(session, done.subject)
        tender = await session.get_one(TenderRow, (row.id, "card"))
        tender.returned_elsewhere_minor = 4_000

    await business.run_in_db(return_elsewhere)
    await payouts.choose(business.context, MANAGER, done.refunds[0].id, Choice.APPROVE, None)
    seen = await business.until(done, lambda one: one.refunds[0].failure == "no_longer_held")
    assert seen.refunds[0].state is RefundState.FAILED
    assert await control.refunds_of(business.cards, card["payment_ref"]) == []
    assert await business.is_sound()


async def named(run: WorkflowHandle[Any, Any]) -> str | None:
    """The cancellation that a run names to be found by."""
    return (await run.describe()).typed_search_attributes.get(CANCELLATION)


async def test_a_refund_that_waits_names_its_deadline_its_day_and_its_cancellation(
    business: Business,
) -> None:
    document = {"title": "Two weeks", "currency": "EUR", "refund_within": "14d"}
    await policies.keep_policy(business.context, DESK, "weeks", document)
    card = a_card(4_000)
    await control.script(business.cards, Behaviour.ACCEPTS_PENDING, ref=card["payment_ref"])
    done = await business.ended(
        await business.cancel(await business.order("weeks", tenders=[card]))
    )
    refund = done.refunds[0]
    today = done.requested_at.astimezone(ZoneInfo("Europe/Berlin")).date()
    assert refund.due_by is not None
    last = refund.due_by.astimezone(ZoneInfo("Europe/Berlin"))
    assert (last.date(), last.hour, last.minute) == (today + timedelta(days=14), 23, 59)
    assert refund.expected_by is not None
    assert today <= refund.expected_by <= last.date()
    assert done.money is MoneyState.ON_ITS_WAY
    run = business.client.get_workflow_handle(refund.workflow_id)
    async with asyncio.timeout(20):
        while await named(run) != str(done.id):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
