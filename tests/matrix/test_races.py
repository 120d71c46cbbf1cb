"""Two at once, again and again with other gaps between them. Each ends in a documented answer."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.errors import (
    AlreadyAnswered,
    CancelledLineChanged,
    CapturedBelowReturned,
    LineNotFound,
    QuantityTooHigh,
    RescindError,
    SubjectBusy,
    TermsHeld,
)
from domain.records import Receipt
from domain.reports import OrderReport
from domain.subjects import SubjectRef
from sandbox import control
from tests.end_to_end.conftest import DESK, MANAGER, Business, a_card
from use_cases import imports, policies, records, replies, subjects
from use_cases.views import CancellationView, Status

pytestmark = pytest.mark.slow
"""Half a minute together, which `make test` has no room for."""

WAIT = timedelta(seconds=2)
"""How long approvals and undo windows last here."""

UNPACKED = [{"unless": {"stage": "open"}, "refuse": "stage_not_cancellable"}]
BRIEF: dict[str, dict[str, Any]] = {
    "brief_undo": {"undo": "2s"},
    "brief_no": {"approval": {"within": "2s"}},
    "brief_yes": {"approval": {"within": "2s", "approve_by_default": True}},
    "unpacked": {"rules": UNPACKED},
    "unpacked_undo": {"rules": UNPACKED, "undo": "1s"},
}
ROUNDS = 10

Said = CancellationView | RescindError


@pytest.fixture
async def hurried(business: Business) -> Business:
    """The business, with policies whose waits are short."""
    for name, document in BRIEF.items():
        document = {"currency": "EUR", "title": name} | document
        await policies.keep_policy(business.context, DESK, name, document)
    return business


async def attempt(call: Awaitable[CancellationView], after: float = 0) -> Said:
    """Make a call after so many seconds; what Rescind says against it is an answer too."""
    await asyncio.sleep(max(0.0, after))
    try:
        return await call
    except RescindError as error:
        return error


def gaps(seed: int, first: float, last: float, rounds: int = ROUNDS) -> list[float]:
    """Seconds between two calls, spread from first to last with some jitter, the same each time."""
    chosen, step = random.Random(seed), (last - first) / (rounds - 1)
    return [first + step * (n + chosen.uniform(-0.5, 0.5)) for n in range(rounds)]


async def settled(business: Business, said: Sequence[Said]) -> list[CancellationView]:
    """What was taken on, at its end."""
    accepted = {one.id: one for one in said if isinstance(one, CancellationView)}
    return [await business.ended(one) for one in accepted.values()]


async def is_paid_once(business: Business, order: SubjectRef) -> bool:
    """The bank has returned what our rows say, and each cancellation what it decided."""
    seen = await subjects.get(business.context, order, ["en"])
    cancelled = [one for one in seen.cancellations if one.state == "cancelled"]
    assert sum(tender.returned_minor for tender in seen.tenders) == sum(
        one.refund_minor for one in cancelled
    )
    for tender in seen.tenders:
        payment = await control.payment(business.cards, tender.payment_ref or "")
        assert payment is not None
        assert payment.refunded == tender.returned_minor + tender.pending_minor
    return True


# Request against request


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param({"1": 1}, {"2": 2}, id="different"),
        pytest.param({"2": 1}, {"2": 1}, id="same"),
        pytest.param({"1": 1, "2": 1}, {"2": 2}, id="overlapping", marks=pytest.mark.slow),
        pytest.param({}, {"3": 1}, id="whole and part", marks=pytest.mark.slow),
    ],
)
async def test_requests_that_meet_return_each_line_once(
    business: Business, one: dict[str, int], other: dict[str, int]
) -> None:
    async def meet(gap: float) -> None:
        order = await business.order()
        said = await asyncio.gather(
            attempt(business.cancel(order, lines=one), gap),
            attempt(business.cancel(order, lines=other), -gap),
        )
        refused = [answer for answer in said if isinstance(answer, RescindError)]
        assert all(isinstance(error, SubjectBusy | QuantityTooHigh) for error in refused)
        ends = await settled(business, said)
        assert {end.state for end in ends} <= {Status.CANCELLED, Status.DECLINED}
        assert Status.CANCELLED in {end.state for end in ends}
        assert await is_paid_once(business, order)

    await asyncio.gather(*map(meet, gaps(1, -2, 2)))
    assert await business.is_sound()


# Answers against the clock, and against each other


async def answered_at_the_end(
    business: Business,
    subject: SubjectRef,
    answer: Callable[[CancellationView], Awaitable[CancellationView]],
    gap: float,
) -> tuple[bool, CancellationView]:
    """Ask, answer just before or after the wait ends, and say whether the answer was taken."""
    waiting = await business.cancel(subject)
    end = waiting.approval_until or waiting.undo_until
    if end is None:  # a slow machine: it was over before it was decided
        return False, await business.ended(waiting)
    said = await attempt(answer(waiting), (end - datetime.now(UTC)).total_seconds() + gap)
    assert isinstance(said, CancellationView | AlreadyAnswered)
    return isinstance(said, CancellationView), await business.ended(waiting)


async def an_appointment(business: Business, policy: str, hour: int) -> SubjectRef:
    """An hour on the chair that no other appointment has."""
    day = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=4)
    starts = day + timedelta(hours=hour)
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=1)}
    line = {"title": "Haircut", "resource": "chair", "unit_price_minor": 4_000} | times
    return await business.appointment(policy, lines=[line], **times)


async def test_taking_back_as_the_undo_window_ends(hurried: Business) -> None:
    async def meet(hour: int, gap: float) -> None:
        haircut = await an_appointment(hurried, "brief_undo", hour)
        taken, done = await answered_at_the_end(
            hurried, haircut, lambda one: replies.undo(hurried.context, DESK, one.id), gap
        )
        assert done.state is (Status.UNDONE if taken else Status.CANCELLED)
        seen = await subjects.get(hurried.context, haircut, ["en"])
        held = [reservation.state for line in seen.lines for reservation in line.reservations]
        assert held == (["active"] if taken else ["released"])
        assert await is_paid_once(hurried, haircut)

    await asyncio.gather(*(meet(hour, gap) for hour, gap in enumerate(gaps(2, -0.25, 0.15))))
    assert await hurried.is_sound()


async def test_approving_as_the_deadline_comes(hurried: Business) -> None:
    async def meet(gap: float) -> None:
        order = await hurried.order("brief_no")
        taken, done = await answered_at_the_end(
            hurried, order, lambda one: replies.approve(hurried.context, MANAGER, one.id), gap
        )
        assert (done.state, done.cause) == (
            (Status.CANCELLED, None) if taken else (Status.DECLINED, "deadline")
        )
        assert await is_paid_once(hurried, done.subject)

    await asyncio.gather(*map(meet, gaps(3, -0.25, 0.15)))
    assert await hurried.is_sound()


async def test_declining_as_silence_becomes_a_yes(hurried: Business) -> None:
    async def meet(gap: float) -> None:
        order = await hurried.order("brief_yes")
        taken, done = await answered_at_the_end(
            hurried, order, lambda one: replies.decline(hurried.context, MANAGER, one.id), gap
        )
        assert (done.state, done.cause) == (
            (Status.DECLINED, "staff") if taken else (Status.CANCELLED, None)
        )
        assert await is_paid_once(hurried, done.subject)

    await asyncio.gather(*map(meet, gaps(4, -0.25, 0.15)))
    assert await hurried.is_sound()


async def test_approving_what_is_taken_back_at_the_same_moment(business: Business) -> None:
    async def meet(gap: float) -> None:
        waiting = await business.cancel(await business.order("asked"))
        approved, undone = await asyncio.gather(
            attempt(replies.approve(business.context, MANAGER, waiting.id), gap),
            attempt(replies.undo(business.context, DESK, waiting.id), -gap),
        )
        for said in (approved, undone):
            assert isinstance(said, CancellationView | AlreadyAnswered)
        done = await business.ended(waiting)
        taken_back = isinstance(undone, CancellationView)
        assert taken_back or isinstance(approved, CancellationView)
        assert done.state is (Status.UNDONE if taken_back else Status.CANCELLED)

    await asyncio.gather(*map(meet, gaps(5, -0.1, 0.1)))
    assert await business.is_sound()


# Reports against a cancellation

LINES = [
    {"id": "1", "sku": "mug", "title": "Mug", "unit_price_minor": 2_000},
    {"id": "2", "sku": "tea", "title": "Tea", "quantity": 2, "unit_price_minor": 500},
    {"id": "3", "sku": "tin", "title": "Tin", "unit_price_minor": 1_000},
]
NEWS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "shipped": lambda told: {"stage": "shipped"},
    "line removed": lambda told: {"lines": LINES[1:]},
    "captured lowered": lambda told: {"tenders": [told["tenders"][0] | {"captured_minor": 2_500}]},
    "returned elsewhere": lambda told: {
        "tenders": [told["tenders"][0] | {"returned_elsewhere_minor": 1_500}]
    },
    "cancelled elsewhere": lambda told: {"cancelled_elsewhere": True},
}
TOLD_OFF = {"subject_busy", "cancelled_line_changed", "captured_below_returned"}

Tell = Callable[[Business, SubjectRef, dict[str, Any]], Awaitable[str]]


async def put(business: Business, order: SubjectRef, told: dict[str, Any]) -> str:
    """Report an order by itself; the answer in a word."""
    try:
        report = OrderReport.model_validate(told)
        return await records.report(business.context, DESK, order, report)
    except (TermsHeld, CancelledLineChanged, CapturedBelowReturned) as error:
        return error.code


async def imported(business: Business, order: SubjectRef, told: dict[str, Any]) -> str:
    """Report an order as a line of an import; the answer in a word."""

    async def body() -> AsyncIterator[bytes]:
        yield json.dumps({"kind": "order", "id": order.id} | told).encode()

    answers = [
        answer
        async for batch in imports.import_lines(business.context, DESK, body())
        for answer in batch
    ]
    return answers[0].code or answers[0].status


@pytest.mark.parametrize(
    ("policy", "tell"),
    [
        pytest.param("unpacked_undo", put, id="put"),
        pytest.param("unpacked", put, id="put without a wait", marks=pytest.mark.slow),
        pytest.param("unpacked_undo", imported, id="imported", marks=pytest.mark.slow),
    ],
)
@pytest.mark.parametrize("news", NEWS)
async def test_a_report_before_during_and_after(
    hurried: Business, news: str, policy: str, tell: Tell
) -> None:
    async def meet(gap: float) -> None:
        told = _told(policy)
        order = await hurried.order(policy, lines=LINES, tenders=told["tenders"])
        said, answer = await asyncio.gather(
            attempt(hurried.cancel(order), -gap),
            _after(tell(hurried, order, told | NEWS[news](told)), gap),
        )
        assert answer in {*Receipt, *TOLD_OFF}
        if isinstance(said, RescindError):
            assert isinstance(said, LineNotFound | SubjectBusy)
        for end in await settled(hurried, [said]):
            assert (end.state, end.cause) in ENDS
        assert await is_paid_once(hurried, order)
        repeat = await tell(hurried, order, told | NEWS[news](told))
        assert repeat in {*Receipt, *TOLD_OFF}

    await asyncio.gather(*map(meet, gaps(6, -0.3, 1.2, rounds=9)))
    assert await hurried.is_sound()


ENDS = {
    (Status.CANCELLED, None),
    (Status.DECLINED, "rules"),
    (Status.RESTORED, "overtaken"),
    (Status.RESTORED, "refund_rejected"),
}


def _told(policy: str) -> dict[str, Any]:
    placed_at = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    return {
        "stage": "placed",
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "placed_at": placed_at.isoformat(),
        "customer": {"ref": "c-1", "name": "Ada", "email": "ada@example.org"},
        "policy": {"id": policy},
        "lines": LINES,
        "tenders": [a_card(4_000)],
    }


async def _after(call: Awaitable[str], seconds: float) -> str:
    await asyncio.sleep(max(0.0, seconds))
    return await call
