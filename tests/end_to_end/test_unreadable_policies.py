"""A policy that was kept and can no longer be read: nothing is decided by it, nothing half done."""

import json

import pytest
from sqlalchemy import text

from domain.errors import PolicyUnreadable
from domain.reports import OrderReport
from domain.subjects import SubjectRef
from tests.end_to_end.conftest import DESK, MANAGER, POLICIES, Business
from use_cases import quotes, records, replies, subjects
from use_cases.intake import Asked
from use_cases.views import Status


async def write(business: Business, policy: str, document: object) -> None:
    """Set a policy's document past everything that checks it."""
    change = text(
        "UPDATE policy_versions SET document = CAST(:document AS jsonb) WHERE policy_id = :policy"
    )
    values = {"document": json.dumps(document), "policy": policy}
    await business.run_in_db(lambda session: session.execute(change, values))


async def break_it(business: Business, policy: str) -> None:
    await write(business, policy, {"id": policy, "title": 7, "rules": ["most of it"]})


async def mend(business: Business, policy: str) -> None:
    await write(business, policy, {"id": policy, "currency": "EUR"} | POLICIES[policy])


async def is_untouched(business: Business, subject: SubjectRef) -> bool:
    seen = await subjects.get(business.context, subject, ["en"])
    assert (seen.state, seen.held) == ("none", False)
    assert all(line.quantity_cancelled == 0 for line in seen.lines)
    assert all(tender.returned_minor + tender.pending_minor == 0 for tender in seen.tenders)
    return await business.is_sound()


async def test_a_request_is_put_on_record_and_ends_without_a_trace_of_it(
    business: Business,
) -> None:
    order, other = await business.order("half"), await business.order("plain")
    await break_it(business, "half")
    ended = await business.ended(await business.cancel(order))
    assert (ended.state, ended.cause, ended.decision) == (Status.RESTORED, "step_failed", None)
    assert await is_untouched(business, order)
    done = await business.ended(await business.cancel(other))
    assert done.state is Status.CANCELLED
    await mend(business, "half")
    again = await business.ended(await business.cancel(order))
    assert (again.state, again.n, again.refund_minor) == (Status.CANCELLED, 2, 2_000)
    assert await business.is_sound()


async def test_one_that_waits_is_put_back_when_it_is_answered(business: Business) -> None:
    order = await business.mixed("asked")
    waiting = await business.cancel(order)
    await break_it(business, "asked")
    await replies.approve(business.context, MANAGER, waiting.id)
    ended = await business.ended(waiting)
    assert (ended.state, ended.cause) == (Status.RESTORED, "step_failed")
    assert ended.retry_quote_id
    assert await is_untouched(business, order)
    told = {mail["To"]: str(mail["Subject"]) for mail in business.mails.messages}
    assert any("desk@" in to for to in told)
    assert any("ada@" in to for to in told)


async def test_one_that_is_past_its_decision_goes_on(business: Business) -> None:
    waiting = await business.cancel(await business.order("undo"))
    await break_it(business, "undo")
    await replies.undo(business.context, DESK, waiting.id)
    assert (await business.ended(waiting)).state is Status.UNDONE
    assert await business.is_sound()


async def test_a_quote_and_a_report_say_which_policy_it_is(business: Business) -> None:
    order = await business.order("half")
    await break_it(business, "half")
    with pytest.raises(PolicyUnreadable) as raised:
        await quotes.quote(business.context, DESK, Asked(subject=order))
    assert raised.value.params == {"policy": "half", "version": 1}
    report = OrderReport(stage="packed", currency="EUR")
    with pytest.raises(PolicyUnreadable):
        await records.report(business.context, DESK, order, report)
    assert await is_untouched(business, order)
