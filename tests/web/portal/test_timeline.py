"""How a cancellation came out, step by step: each end with whoever and whatever led to it."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from domain.contracts import Cause
from domain.decisions import Decision, Outcome, Yes
from domain.requests import Initiator, Right
from domain.subjects import Kind, SubjectRef
from tests.web.conftest import Pages
from tests.web.portal.asking import approve, cancelled, decline, until
from use_cases.views import CancellationView, GivenReason, Status
from web.portal.tracking.timeline import Mark, Name, steps
from web.shared.paths import ROOT

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)

S, C, Y, N, M = Status, Cause, Yes, Name, Mark
APPROVED, BY_SILENCE = (N.APPROVED, M.DONE), (N.APPROVED_BY_SILENCE, M.DONE)
CANCELLED, UNDONE = (N.CANCELLED, M.DONE), (N.UNDONE, M.DONE)
DECLINED, RESTORED = (N.DECLINED, M.FAILED), (N.RESTORED, M.FAILED)
BY_RULES = {*C} - {C.STAFF, C.DEADLINE}

ENDS = [
    (S.CANCELLED, None, None, [CANCELLED]),
    (S.CANCELLED, None, Y.PERSON, [APPROVED, CANCELLED]),
    (S.CANCELLED, None, Y.SILENCE, [BY_SILENCE, CANCELLED]),
    (S.DECLINED, C.STAFF, None, [(N.DECLINED_BY_PERSON, M.FAILED)]),
    (S.DECLINED, C.DEADLINE, None, [(N.DECLINED_BY_SILENCE, M.FAILED)]),
    *((S.DECLINED, cause, None, [DECLINED]) for cause in sorted(BY_RULES)),
    (S.DECLINED, C.OVERTAKEN, Y.PERSON, [APPROVED, DECLINED]),
    (S.DECLINED, C.OVERTAKEN, Y.SILENCE, [BY_SILENCE, DECLINED]),
    (S.UNDONE, C.ASKER, None, [UNDONE]),
    (S.UNDONE, C.ASKER, Y.PERSON, [APPROVED, UNDONE]),
    (S.UNDONE, C.ASKER, Y.SILENCE, [BY_SILENCE, UNDONE]),
    *((S.RESTORED, cause, None, [RESTORED]) for cause in sorted(BY_RULES)),
    (S.RESTORED, C.REFUND_REJECTED, Y.PERSON, [APPROVED, RESTORED]),
    (S.RESTORED, C.STEP_FAILED, Y.SILENCE, [BY_SILENCE, RESTORED]),
]


@pytest.mark.parametrize(("state", "cause", "yes", "told"), ENDS)
def test_each_end_says_what_led_to_it(
    state: Status, cause: Cause | None, yes: Yes | None, told: list[tuple[Name, Mark]]
) -> None:
    view = _view(state=state, cause=cause, decision=_decision(yes), approval_until=NOW)
    assert [(step.name, step.mark) for step in steps(view, NOW)[1:]] == told


@pytest.mark.parametrize(
    ("is_yes", "said"),
    [
        (True, "Approved, as nobody answered in time"),
        (False, "Declined, as nobody answered in time"),
    ],
)
async def test_without_an_answer_the_default_is_told_as_one(
    pages: Pages, is_yes: bool, said: str
) -> None:
    await pages.shop.policy("soon", approval={"within": "1s", "approve_by_default": is_yes})
    visitor, here = await cancelled(pages, await pages.shop.order("soon"))
    await until(visitor, here, f"<strong>{said}</strong>")


async def test_a_yes_and_a_no_of_ours_are_told_as_ours(pages: Pages) -> None:
    await pages.shop.policy("looked", approval={})
    visitor, agreed = await cancelled(pages, await pages.shop.order("looked"))
    await approve(pages, agreed, refund_minor=2_000)
    page = (await until(visitor, agreed, "It is cancelled.")).text
    assert page.index("Approved by us") < page.index("<strong>Cancelled</strong>")
    assert "We set the amount that goes back." in page
    visitor, refused = await cancelled(pages, await pages.shop.order("looked"))
    await decline(pages, refused)
    page = (await until(visitor, refused, "It was not cancelled.")).text
    assert "<strong>Declined by us</strong>" in page
    assert "Approved" not in page
    assert "Request for a cancellation" in (await visitor.get(f"{ROOT}/history")).text


def _decision(yes: Yes | None) -> Decision:
    asked = Decision(outcome=Outcome.NEEDS_APPROVAL, rule="approval", currency="EUR")
    return asked.agreed(yes) if yes else asked


def _view(**known: Any) -> CancellationView:
    return CancellationView(
        id=uuid4(),
        subject=SubjectRef(kind=Kind.ORDER, id="1"),
        initiator=Initiator.CUSTOMER,
        right=Right.CONTRACT,
        asker="c1",
        reason=GivenReason(code=None, note=None),
        currency="EUR",
        requested_at=NOW,
        received_at=NOW,
        decided_at=NOW,
        ended_at=NOW,
        **known,
    )
