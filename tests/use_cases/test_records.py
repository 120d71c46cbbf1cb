"""What a report may change, on a real database."""

import asyncio
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.errors import (
    CancelledLineChanged,
    CapturedBelowReturned,
    CurrencyMismatch,
    InvalidRequest,
    LineNotFound,
    PolicyNotFound,
    ResourceNotFound,
    SlotTaken,
    SubjectNotFound,
    TermsHeld,
)
from domain.lifecycle import SubjectState
from domain.records import Receipt
from domain.reports import AppointmentReport, OrderReport, Payment
from domain.resources import Resource
from domain.subjects import Handling, Kind, LineKind, SubjectRef
from storage import events, holds, policies, resources, subjects, tenders
from storage.events import OutboxRow
from storage.holds import HoldMode
from storage.reservations import ReservationRow, ReservationState
from storage.subjects import SubjectRow
from use_cases import records
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.runs import Runs

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ACTOR = Actor(id="key:test", scopes=frozenset({Scope.RECORDS}))
Sessions = async_sessionmaker[AsyncSession]


async def _unreachable() -> Any:
    raise ConnectionError("records need no Temporal")


@pytest.fixture
async def context(sessions: Sessions) -> Context:
    """A business with one policy of two versions, and a chair for two."""
    async with sessions.begin() as session:
        for fee, since in (("0%", NOW - timedelta(days=100)), ("10%", NOW - timedelta(days=10))):
            document: dict[str, object] = {
                "id": "shop",
                "title": "Shop",
                "rules": [
                    {"when": {"notice": {"under": "24h"}}, "refuse": "too_late"},
                    {"keep": fee},
                ],
            }
            await policies.keep(
                session, "shop", document, list(Kind), is_default=True, at=since, actor="test"
            )
        chair = Resource(title="Chair", zone="Europe/Berlin", buffer_after_minutes=15, capacity=2)
        await resources.keep(session, "chair", chair, NOW)
    return Context(sessions, Runs(_unreachable, "none"), clock=lambda: NOW, zone="Europe/Berlin")


def an_order(id_: str = "1042") -> SubjectRef:
    return SubjectRef(kind=Kind.ORDER, id=id_)


def an_appointment(id_: str = "A-1") -> SubjectRef:
    return SubjectRef(kind=Kind.APPOINTMENT, id=id_)


def order_report(**changes: Any) -> OrderReport:
    report = {
        "stage": "pending",
        "currency": "EUR",
        "placed_at": "2026-03-01T10:00:00+01:00",
        "customer": {"ref": "c1", "name": "Ada", "email": "ada@example.com", "language": "de"},
        "lines": [
            {"sku": "mug", "quantity": 2, "unit_price_minor": 1500},
            {"sku": "mug", "quantity": 1, "unit_price_minor": 900},
        ],
        "tenders": [
            {"method": "card", "payment_ref": "pay_1", "captured_minor": 3000},
            {"method": "gift_card", "captured_minor": 900},
        ],
    }
    return OrderReport.model_validate(report | changes)


def appointment_report(
    starts_at: str = "2026-03-05T09:00:00Z", **changes: Any
) -> AppointmentReport:
    start = datetime.fromisoformat(starts_at)
    report = {
        "stage": "booked",
        "currency": "EUR",
        "starts_at": starts_at,
        "ends_at": (start + timedelta(hours=1)).isoformat(),
        "resource": "chair",
    }
    return AppointmentReport.model_validate(report | changes)


async def row_of(context: Context, subject: SubjectRef) -> SubjectRow:
    async with context.sessions() as session:
        return await subjects.get(session, subject)


async def history(context: Context, subject: SubjectRef) -> list[tuple[str, dict[str, Any]]]:
    row = await row_of(context, subject)
    async with context.sessions() as session:
        return [(event.type, event.data) for event in await events.of_subject(session, row.id)]


async def reserved(
    context: Context, state: ReservationState = ReservationState.ACTIVE
) -> list[Any]:
    async with context.sessions() as session:
        rows = await session.scalars(
            select(ReservationRow)
            .where(ReservationRow.state == state)
            .order_by(ReservationRow.starts_at, ReservationRow.unit)
        )
        return [(row.line_id, row.unit, row.starts_at, row.during) for row in rows]


async def hold(context: Context, subject: SubjectRef, mode: HoldMode) -> None:
    row = await row_of(context, subject)
    async with context.sessions.begin() as session:
        assert await holds.take(session, row.id, uuid4(), mode, NOW)


async def cancel_line(context: Context, subject: SubjectRef, line: str, quantity: int) -> None:
    row = await row_of(context, subject)
    async with context.sessions.begin() as session:
        for each in await subjects.lines_of(session, row.id):
            if each.id == line:
                each.quantity_cancelled = quantity


async def test_a_new_order_gets_lines_by_position_tenders_by_method_and_one_event(
    context: Context,
) -> None:
    assert await records.report(context, ACTOR, an_order(), order_report()) is Receipt.CREATED
    row = await row_of(context, an_order())
    async with context.sessions() as session:
        lines = await subjects.lines_of(session, row.id)
        paid = await tenders.of_subject(session, row.id)
        assert await session.scalar(select(func.count()).select_from(OutboxRow)) == 1
    assert [(line.id, line.sku, line.quantity) for line in lines] == [
        ("1", "mug", 2),
        ("2", "mug", 1),
    ]
    assert [(t.id, t.handling, t.provider) for t in paid] == [
        ("1", Handling.PROVIDER, "sandbox"),
        ("2", Handling.LEDGER, None),
    ]
    assert (row.zone, row.policy_id, row.policy_version) == ("Europe/Berlin", "shop", 2)
    assert [name for name, _ in await history(context, an_order())] == ["placed"]
    assert row.event_sequence == 1


async def test_payments_go_through_the_provider_that_is_set_up_unless_they_name_one(
    context: Context,
) -> None:
    card = {"method": "card", "payment_ref": "pi_1", "captured_minor": 1_000}
    paid = [
        card,
        card | {"method": "card_hold", "captured_minor": 0, "authorised_minor": 500},
        card | {"provider": "other"},
        {"method": "cash", "captured_minor": 500},
    ]
    told = order_report(tenders=paid)
    await records.report(replace(context, provider="stripe"), ACTOR, an_order(), told)
    row = await row_of(context, an_order())
    async with context.sessions() as session:
        kept = await tenders.of_subject(session, row.id)
    assert [(one.handling, one.provider) for one in kept] == [
        (Handling.PROVIDER, "stripe"),
        (Handling.HELD, "stripe"),
        (Handling.PROVIDER, "other"),
        (Handling.MANUAL, None),
    ]


async def test_the_same_report_again_changes_nothing(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    before = await row_of(context, an_order())
    later = replace(context, clock=lambda: NOW + timedelta(hours=1))
    again = await records.report(later, ACTOR, an_order(), order_report())
    assert again is Receipt.UNCHANGED
    after = await row_of(context, an_order())
    assert after.updated_at == before.updated_at
    assert len(await history(context, an_order())) == 1


async def test_stage_and_other_changes_are_told_apart_in_history(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    report = order_report(stage="packed", channel="web", customer={"ref": "c2"})
    assert await records.report(context, ACTOR, an_order(), report) is Receipt.UPDATED
    assert (await history(context, an_order()))[1:] == [
        ("stage_changed", {"from": "pending", "to": "packed"}),
        ("changed", {"what": ["channel", "customer"]}),
    ]


async def test_no_personal_text_gets_into_events(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    await records.report(context, ACTOR, an_order(), order_report(customer={"name": "Grace"}))
    told = str(await history(context, an_order()))
    assert "Ada" not in told
    assert "Grace" not in told


@pytest.mark.parametrize(
    ("placed_at", "version"),
    [
        ("2026-03-01T10:00:00Z", 2),
        ("2026-01-01T10:00:00Z", 1),
        ("2020-01-01T10:00:00Z", 1),
        (None, 2),
    ],
)
async def test_the_policy_in_force_when_it_was_placed_is_frozen(
    context: Context, placed_at: str | None, version: int
) -> None:
    await records.report(context, ACTOR, an_order(), order_report(placed_at=placed_at))
    assert (await row_of(context, an_order())).policy_version == version


async def test_a_report_may_name_its_policy_and_later_ones_never_change_it(
    context: Context,
) -> None:
    named = {"id": "shop", "version": 1}
    await records.report(context, ACTOR, an_order(), order_report(policy=named))
    await records.report(context, ACTOR, an_order(), order_report(policy={"id": "shop"}))
    assert (await row_of(context, an_order())).policy_version == 1
    with pytest.raises(PolicyNotFound):
        await records.report(context, ACTOR, an_order("x"), order_report(policy={"id": "none"}))
    named = {"id": "shop", "version": 9}
    with pytest.raises(PolicyNotFound):
        await records.report(context, ACTOR, an_order("x"), order_report(policy=named))


async def test_a_cancelled_line_can_neither_change_nor_go(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    await cancel_line(context, an_order(), "1", 1)
    other = {"sku": "mug", "quantity": 1, "unit_price_minor": 900}
    dearer = {"sku": "mug", "quantity": 2, "unit_price_minor": 1600}
    with pytest.raises(CancelledLineChanged):
        await records.report(context, ACTOR, an_order(), order_report(lines=[dearer, other]))
    with pytest.raises(CancelledLineChanged):
        await records.report(context, ACTOR, an_order(), order_report(lines=[]))
    assert len(await history(context, an_order())) == 1


async def test_facts_of_a_cancelled_line_and_other_lines_may_change(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    await cancel_line(context, an_order(), "1", 1)
    lines = [
        {"sku": "mug", "quantity": 2, "unit_price_minor": 1500, "status": "shipped"},
        {"sku": "mug", "quantity": 1, "unit_price_minor": 800},
    ]
    assert await records.report(context, ACTOR, an_order(), order_report(lines=lines))
    row = await row_of(context, an_order())
    async with context.sessions() as session:
        first, second = await subjects.lines_of(session, row.id)
    assert (first.status, first.quantity_cancelled, second.unit_price_minor) == ("shipped", 1, 800)


async def test_captured_money_never_falls_below_what_went_back(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    row = await row_of(context, an_order())
    async with context.sessions.begin() as session:
        await tenders.shift(session, row.id, "1", pending=500, returned=1000)

    def paid(captured: int, elsewhere: int) -> OrderReport:
        card = {"method": "card", "payment_ref": "pay_1", "captured_minor": captured}
        gift = {"method": "gift_card", "captured_minor": 900}
        return order_report(tenders=[card | {"returned_elsewhere_minor": elsewhere}, gift])

    assert await records.report(context, ACTOR, an_order(), paid(1500, 0)) is Receipt.UPDATED
    for captured, elsewhere in ((1499, 0), (3000, 1501)):
        with pytest.raises(CapturedBelowReturned):
            await records.report(context, ACTOR, an_order(), paid(captured, elsewhere))
    with pytest.raises(CapturedBelowReturned):
        await records.report(context, ACTOR, an_order(), order_report(tenders=[]))


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": []},
        {"lines": [{"sku": "mug", "quantity": 2, "unit_price_minor": 1500}]},
        {"starts_at": "2026-04-01"},
        {"tenders": []},
    ],
)
async def test_an_exclusive_hold_refuses_changes_of_terms(
    context: Context, changes: dict[str, Any]
) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    await hold(context, an_order(), HoldMode.EXCLUSIVE)
    with pytest.raises(TermsHeld):
        await records.report(context, ACTOR, an_order(), order_report(**changes))
    assert len(await history(context, an_order())) == 1


async def test_an_exclusive_hold_lets_facts_through(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    await hold(context, an_order(), HoldMode.EXCLUSIVE)
    facts = order_report().model_dump(mode="json", exclude_none=True)
    facts["stage"] = "packed"
    facts["lines"][0]["status"] = "picked"
    facts["tenders"][0]["returned_elsewhere_minor"] = 100
    assert await records.report(context, ACTOR, an_order(), OrderReport.model_validate(facts))
    assert [name for name, _ in await history(context, an_order())] == [
        "placed",
        "stage_changed",
        "changed",
    ]


async def test_a_shared_hold_lets_edits_through(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    await hold(context, an_order(), HoldMode.SHARED)
    assert (
        await records.report(context, ACTOR, an_order(), order_report(lines=[])) is Receipt.UPDATED
    )


async def test_an_order_may_arrive_cancelled_elsewhere(context: Context) -> None:
    report = order_report(cancelled_elsewhere=True)
    await records.report(context, ACTOR, an_order(), report)
    row = await row_of(context, an_order())
    assert row.cancellation_state is SubjectState.CANCELLED
    assert row.cancelled_elsewhere_at == NOW
    assert [name for name, _ in await history(context, an_order())] == [
        "placed",
        "cancelled_elsewhere",
    ]


async def test_a_nightly_pending_never_revives_a_cancelled_order(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report(cancelled_elsewhere=True))
    assert await records.report(context, ACTOR, an_order(), order_report()) is Receipt.UNCHANGED
    assert (await row_of(context, an_order())).cancellation_state is SubjectState.CANCELLED


async def test_an_end_elsewhere_is_only_noted_while_something_works_on_it(context: Context) -> None:
    await records.report(context, ACTOR, an_appointment(), appointment_report())
    await hold(context, an_appointment(), HoldMode.EXCLUSIVE)
    report = appointment_report(cancelled_elsewhere=True)
    assert await records.report(context, ACTOR, an_appointment(), report) is Receipt.UPDATED
    row = await row_of(context, an_appointment())
    assert row.cancellation_state is SubjectState.NONE
    assert row.cancelled_elsewhere_at == NOW
    assert len(await reserved(context)) == 1
    assert await records.report(context, ACTOR, an_appointment(), report) is Receipt.UNCHANGED
    async with context.sessions.begin() as session:
        held = await holds.find(session, row.id)
        assert held
        await holds.release(session, row.id, held.holder_id)
    await records.report(context, ACTOR, an_appointment(), appointment_report())
    row = await row_of(context, an_appointment())
    assert row.cancellation_state is SubjectState.CANCELLED
    assert await reserved(context) == []


async def test_an_appointment_with_a_resource_is_one_line_reserved_with_its_buffer(
    context: Context,
) -> None:
    await records.report(context, ACTOR, an_appointment(), appointment_report())
    ((line, unit, starts_at, during),) = await reserved(context)
    start = datetime(2026, 3, 5, 9, tzinfo=UTC)
    assert (line, unit, starts_at) == ("1", 1, start)
    assert during.upper == start + timedelta(minutes=75)
    row = await row_of(context, an_appointment())
    assert row.cancellable_until == start - timedelta(hours=24)
    assert row.original_starts_at == start


async def test_a_full_resource_is_a_no_that_names_it_and_the_time(context: Context) -> None:
    await records.report(context, ACTOR, an_appointment("A"), appointment_report())
    await records.report(context, ACTOR, an_appointment("B"), appointment_report())
    late = appointment_report("2026-03-05T10:00:00Z")
    with pytest.raises(SlotTaken, match=r"chair is not free from 2026-03-05T11:00:00\+01:00"):
        await records.report(context, ACTOR, an_appointment("C"), late)
    after = appointment_report("2026-03-05T10:15:00Z")
    assert await records.report(context, ACTOR, an_appointment("C"), after) is Receipt.CREATED


async def test_a_move_keeps_the_first_start_and_counts(context: Context) -> None:
    await records.report(context, ACTOR, an_appointment(), appointment_report(units=2))
    later = appointment_report("2026-03-05T09:30:00Z", units=2)
    assert await records.report(context, ACTOR, an_appointment(), later) is Receipt.UPDATED
    row = await row_of(context, an_appointment())
    assert row.original_starts_at == datetime(2026, 3, 5, 9, tzinfo=UTC)
    assert (row.starts_at, row.reschedules) == (datetime(2026, 3, 5, 9, 30, tzinfo=UTC), 1)
    assert row.cancellable_until == datetime(2026, 3, 4, 9, 30, tzinfo=UTC)
    assert (await history(context, an_appointment()))[1:] == [
        ("rescheduled", {"from": "2026-03-05T09:00:00+00:00", "to": "2026-03-05T09:30:00+00:00"})
    ]
    assert [unit for _, unit, _, _ in await reserved(context)] == [1, 2]
    assert len(await reserved(context, ReservationState.RELEASED)) == 2


async def test_a_move_into_a_taken_time_changes_nothing(context: Context) -> None:
    await records.report(context, ACTOR, an_appointment("A"), appointment_report(units=2))
    other = appointment_report("2026-03-06T09:00:00Z")
    await records.report(context, ACTOR, an_appointment("B"), other)
    with pytest.raises(SlotTaken):
        await records.report(context, ACTOR, an_appointment("B"), appointment_report())
    row = await row_of(context, an_appointment("B"))
    assert (row.starts_at, row.reschedules) == (datetime(2026, 3, 6, 9, tzinfo=UTC), 0)
    assert len(await reserved(context)) == 3


async def test_telling_the_hour_of_a_known_day_is_no_move(context: Context) -> None:
    day = {"starts_at": "2026-03-05", "ends_at": "2026-03-05"}
    report = AppointmentReport.model_validate({"stage": "booked", "currency": "EUR", **day})
    await records.report(context, ACTOR, an_appointment(), report)
    assert (await row_of(context, an_appointment())).original_starts_on == date(2026, 3, 5)
    await records.report(context, ACTOR, an_appointment(), appointment_report())
    assert (await row_of(context, an_appointment())).reschedules == 0
    assert [name for name, _ in await history(context, an_appointment())] == ["booked", "changed"]


async def test_a_window_that_lies_ahead_again_is_open_again(context: Context) -> None:
    await records.report(
        context, ACTOR, an_appointment(), appointment_report("2026-03-02T12:00:00Z")
    )
    row = await row_of(context, an_appointment())
    async with context.sessions.begin() as session:
        (await subjects.lock(session, row.id)).window_closed_at = NOW
    await records.report(context, ACTOR, an_appointment(), appointment_report())
    assert (await row_of(context, an_appointment())).window_closed_at is None
    assert (await history(context, an_appointment()))[-1] == ("window_reopened", {})


async def test_an_appointment_can_be_a_view_of_an_orders_line(context: Context) -> None:
    lines = [{"kind": "service", "title": "Cut", "unit_price_minor": 5000}]
    await records.report(context, ACTOR, an_order(), order_report(lines=lines))
    view = appointment_report(part_of={"order": "1042", "line": "1"})
    assert await records.report(context, ACTOR, an_appointment(), view) is Receipt.CREATED
    row, order = await row_of(context, an_appointment()), await row_of(context, an_order())
    assert (row.order_id, row.order_line_id) == (order.id, "1")
    async with context.sessions() as session:
        (reservation,) = await session.scalars(select(ReservationRow))
    assert (reservation.subject_id, reservation.line_id) == (order.id, "1")
    again = await records.report(context, ACTOR, an_order(), order_report(lines=lines))
    assert again is Receipt.UNCHANGED
    assert await records.report(context, ACTOR, an_appointment(), view) is Receipt.UNCHANGED
    moved = appointment_report("2026-03-06T09:00:00Z", part_of={"order": "1042", "line": "1"})
    await hold(context, an_order(), HoldMode.EXCLUSIVE)
    with pytest.raises(TermsHeld):
        await records.report(context, ACTOR, an_appointment(), moved)


async def test_a_view_needs_its_order_and_line_and_stays_with_them(context: Context) -> None:
    view = appointment_report(part_of={"order": "none", "line": "1"})
    with pytest.raises(SubjectNotFound):
        await records.report(context, ACTOR, an_appointment(), view)
    await records.report(context, ACTOR, an_order(), order_report())
    view = appointment_report(part_of={"order": "1042", "line": "9"})
    with pytest.raises(LineNotFound):
        await records.report(context, ACTOR, an_appointment(), view)
    await records.report(context, ACTOR, an_appointment(), appointment_report())
    view = appointment_report(part_of={"order": "1042", "line": "1"})
    with pytest.raises(InvalidRequest):
        await records.report(context, ACTOR, an_appointment(), view)


async def test_units_left_of_a_partly_cancelled_line_stay_reserved(context: Context) -> None:
    seats = {"resource": "chair", "quantity": 2, "unit_price_minor": 1000}
    times = {"starts_at": "2026-03-05T09:00:00Z", "ends_at": "2026-03-05T10:00:00Z"}
    report = order_report(lines=[{"kind": "service", **seats, **times}])
    await records.report(context, ACTOR, an_order(), report)
    assert len(await reserved(context)) == 2
    await cancel_line(context, an_order(), "1", 1)
    async with context.sessions.begin() as session:
        second = await session.scalar(select(ReservationRow).where(ReservationRow.unit == 2))
        assert second
        second.state = ReservationState.RELEASED
    assert await records.report(context, ACTOR, an_order(), report) is Receipt.UNCHANGED
    assert [unit for _, unit, _, _ in await reserved(context)] == [1]


async def test_a_purchase_keeps_its_currency(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    with pytest.raises(CurrencyMismatch):
        await records.report(context, ACTOR, an_order(), order_report(currency="USD"))


async def test_an_unknown_resource_is_said_so(context: Context) -> None:
    with pytest.raises(ResourceNotFound):
        await records.report(context, ACTOR, an_appointment(), appointment_report(resource="sofa"))


async def test_payments_of_a_provider_are_registered_each_time(context: Context) -> None:
    told: list[Payment] = []

    async def register(payments: Any) -> None:
        told.extend(payments)

    context = replace(context, register=register)
    for _ in range(2):
        await records.report(context, ACTOR, an_order(), order_report())
    assert [(p.provider, p.payment_ref, p.captured_minor) for p in told] == [
        ("sandbox", "pay_1", 3000)
    ] * 2


async def test_many_reports_are_answered_each_and_a_bad_one_hinders_none(context: Context) -> None:
    view = appointment_report("2026-03-07T09:00:00Z", part_of={"order": "1042", "line": "1"})
    answers = await records.report_many(
        context,
        ACTOR,
        [
            (an_order(), order_report()),
            (an_order(), order_report(stage="packed")),
            (an_appointment("A"), appointment_report(units=2)),
            (an_appointment("B"), appointment_report()),
            (an_appointment("V"), view),
            (an_order("other"), order_report(policy={"id": "none"})),
            (an_order(), order_report(stage="packed")),
        ],
    )
    assert [answer if isinstance(answer, Receipt) else answer.code for answer in answers] == [
        "created",
        "updated",
        "created",
        "slot_taken",
        "created",
        "policy_not_found",
        "unchanged",
    ]
    assert [name for name, _ in await history(context, an_order())] == ["placed", "stage_changed"]
    assert (await row_of(context, an_order())).event_sequence == 2
    with pytest.raises(SubjectNotFound):
        await row_of(context, an_appointment("B"))


async def test_the_same_new_order_told_ten_times_at_once_is_made_once(context: Context) -> None:
    told = (records.report(context, ACTOR, an_order(), order_report()) for _ in range(10))
    receipts = await asyncio.gather(*told)
    assert sorted(receipts) == [Receipt.CREATED] + [Receipt.UNCHANGED] * 9
    assert len(await history(context, an_order())) == 1


async def test_of_many_who_want_the_last_place_at_once_one_gets_it(context: Context) -> None:
    told = (
        records.report(context, ACTOR, an_appointment(f"A{n}"), appointment_report(units=2))
        for n in range(8)
    )
    answers = await asyncio.gather(*told, return_exceptions=True)
    assert answers.count(Receipt.CREATED) == 1
    assert sum(isinstance(answer, SlotTaken) for answer in answers) == 7
    assert len(await reserved(context)) == 2


async def test_two_imports_of_the_same_lines_at_once_both_end_well(context: Context) -> None:
    lines = [(an_order(f"o{n}"), order_report()) for n in range(20)]
    backwards = lines[::-1]
    answers = await asyncio.gather(
        records.report_many(context, ACTOR, lines), records.report_many(context, ACTOR, backwards)
    )
    receipts = [answer for both in answers for answer in both]
    assert receipts.count(Receipt.CREATED) == 20
    assert receipts.count(Receipt.UNCHANGED) == 20


async def test_a_zone_that_is_not_told_stays_as_it_was(context: Context) -> None:
    await records.report(context, ACTOR, an_order(), order_report())
    moved = replace(context, zone="America/New_York")
    assert await records.report(moved, ACTOR, an_order(), order_report()) is Receipt.UNCHANGED


async def test_a_line_that_goes_takes_the_time_of_its_view_with_it(context: Context) -> None:
    lines = [{"kind": "service"}, {"sku": "mug"}]
    await records.report(context, ACTOR, an_order(), order_report(lines=lines))
    view = appointment_report(part_of={"order": "1042", "line": "1"})
    await records.report(context, ACTOR, an_appointment(), view)
    no_resource = appointment_report(part_of={"order": "1042", "line": "1"}, resource=None)
    assert await records.report(context, ACTOR, an_appointment(), no_resource) is Receipt.UNCHANGED
    assert len(await reserved(context)) == 1
    without = order_report(lines=[{"id": "2", "sku": "mug"}])
    await records.report(context, ACTOR, an_order(), without)
    assert await reserved(context) == []


async def test_a_line_with_a_resource_is_a_service(context: Context) -> None:
    times = {"starts_at": "2026-03-05T09:00:00Z", "ends_at": "2026-03-05T10:00:00Z"}
    report = order_report(lines=[{"resource": "chair", **times}])
    await records.report(context, ACTOR, an_order(), report)
    row = await row_of(context, an_order())
    async with context.sessions() as session:
        (line,) = await subjects.lines_of(session, row.id)
    assert line.kind is LineKind.SERVICE
