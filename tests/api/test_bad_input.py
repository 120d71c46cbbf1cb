"""Requests that can't be meant: each has its own code, and none leaves a row behind."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from domain.reports import AppointmentReport
from domain.subjects import Kind, SubjectRef
from storage.requests import RequestRow
from tests.api.conftest import STAFF, Shop
from tests.api.test_cancellations import ASK, a_body, ask
from use_cases import records
from use_cases.actors import Scope

LATER = (datetime.now(UTC) + timedelta(days=1)).isoformat()

BAD: list[tuple[dict[str, Any], int, str]] = [
    ({"subject": {"kind": "order", "id": "none"}}, 404, "subject_not_found"),
    ({"subject": {"kind": "order", "id": "a/b"}}, 422, "invalid_request"),
    ({"subject": {"kind": "cruise", "id": "1"}}, 422, "invalid_request"),
    ({"lines": [{"id": "9"}]}, 422, "line_not_found"),
    ({"lines": [{"id": "1"}, {"id": "1", "quantity": 1}]}, 422, "line_repeated"),
    ({"lines": [{"id": "1", "quantity": 3}]}, 422, "quantity_too_high"),
    ({"lines": [{"id": "1", "quantity": 0}]}, 422, "invalid_request"),
    ({"lines": [{"id": "1", "quantity": 1.5}]}, 422, "invalid_request"),
    ({"reason": {"code": "unheard"}}, 422, "reason_unknown"),
    ({"reason": {"code": "old"}}, 422, "reason_unknown"),
    ({"reason": {"code": "ill"}}, 422, "reason_unknown"),
    ({"reason": {"code": "other"}}, 422, "note_required"),
    ({"reason": {"code": "other", "note": "  "}}, 422, "note_required"),
    ({"reason": {"code": "other", "note": "x" * 2_001}}, 422, "note_too_long"),
    ({"reason": {"code": "other", "note": "x" * 100_000}}, 422, "note_too_long"),
    ({"reason": {"code": "other", "note": "x" * 5_000_000}}, 413, "body_too_large"),
    ({"reason": {"code": "other", "note": "a\0b"}}, 422, "invalid_request"),
    ({"quote": "nonsense"}, 404, "quote_not_found"),
    ({"quote": str(uuid4())}, 404, "quote_not_found"),
    ({"requested_at": "2026-03-01T10:00:00"}, 422, "invalid_request"),
    ({"requested_at": "0001-01-01T00:00:00Z"}, 422, "invalid_request"),
    ({"requested_at": LATER}, 422, "requested_in_future"),
    ({"overrides": {"fee_minor": -1}}, 422, "invalid_request"),
    ({"overrides": {"fee_minor": 0}}, 422, "invalid_request"),
    ({"evidence": {"a": "\0"}}, 422, "invalid_request"),
    ({"unheard": 1}, 422, "invalid_request"),
    ({"asker": ""}, 422, "invalid_request"),
    ({"method": "Card!"}, 422, "invalid_request"),
]


@pytest.mark.parametrize(("change", "status", "code"), BAD)
async def test_it_is_refused_with_a_code_of_its_own(
    shop: Shop, change: dict[str, Any], status: int, code: str
) -> None:
    order = await shop.order()
    caller = await shop.as_key(*ASK, Scope.BACKDATE, Scope.GOODWILL)
    answer = await ask(caller, a_body(order) | change)
    assert (answer.status_code, answer.json()["code"]) == (status, code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    async with shop.context.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(RequestRow)) == 0


async def test_each_wrong_field_is_named_with_its_place(shop: Shop) -> None:
    caller = await shop.as_key(*ASK)
    body = {
        "subject": {"kind": "order", "id": "1"},
        "lines": [{"id": "1"}, {"id": "2", "quantity": "many"}],
        "requested_at": "2026-03-01T10:00:00",
    }
    problem = (await ask(caller, body)).json()
    places = {error["place"]: error["code"] for error in problem["errors"]}
    assert places == {"body.lines.1.quantity": "int_parsing", "body.requested_at": "timezone_aware"}
    assert "body.requested_at" in problem["detail"]


async def test_a_line_of_an_order_is_cancelled_there(shop: Shop) -> None:
    order = await shop.order(
        lines=[
            {
                "id": "1",
                "kind": "service",
                "unit_price_minor": 5_400,
                "starts_at": LATER,
                "ends_at": LATER,
            }
        ]
    )
    appointment = SubjectRef(kind=Kind.APPOINTMENT, id="a1")
    report = AppointmentReport.model_validate(
        {
            "stage": "booked",
            "currency": "EUR",
            "starts_at": LATER,
            "part_of": {"order": order.id, "line": "1"},
        }
    )
    await records.report(shop.context, STAFF, appointment, report)
    answer = await ask(await shop.as_key(*ASK), a_body(appointment))
    assert (answer.status_code, answer.json()["code"]) == (409, "part_of_order")
    assert answer.json()["params"] == {"order": order.id, "link": f"/v1/orders/{order.id}"}


async def test_somebody_elses_line_is_not_found(shop: Shop) -> None:
    line = {"id": "9", "sku": "vase", "unit_price_minor": 5_400}
    await shop.order(lines=[line])
    order = await shop.order()
    answer = await ask(await shop.as_key(*ASK), a_body(order, lines=[{"id": "9"}]))
    assert (answer.status_code, answer.json()["code"]) == (422, "line_not_found")
    assert answer.json()["params"] == {"line": "9"}


@pytest.mark.parametrize(
    ("change", "code", "place"),
    [
        ({"currency": "USD"}, "currency_mismatch", None),
        ({"currency": "euro"}, "invalid_request", "body.currency"),
        ({"lines": [{"unit_price_minor": -1}]}, "invalid_request", "body.lines.0.unit_price_minor"),
        (
            {"tenders": [{"method": "cash", "captured_minor": -1}]},
            "invalid_request",
            "body.tenders.0.captured_minor",
        ),
        ({"placed_at": "2026-03-01T10:00:00"}, "invalid_request", "body.placed_at"),
    ],
)
async def test_a_report_with_wrong_money_or_time_changes_nothing(
    shop: Shop, change: dict[str, Any], code: str, place: str | None
) -> None:
    order = await shop.order()
    caller = await shop.as_key(Scope.RECORDS, Scope.READ)
    before = (await caller.get(f"/v1/orders/{order.id}")).json()
    report = {"stage": "packed", "currency": "EUR"} | change
    answer = await caller.put(f"/v1/orders/{order.id}", json=report)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert [error["place"] for error in answer.json().get("errors", [])] == [place] * bool(place)
    assert (await caller.get(f"/v1/orders/{order.id}")).json() == before


@pytest.mark.parametrize(("seconds", "status"), [(-119, 201), (119, 201), (125, 422)])
async def test_a_callers_clock_may_be_two_minutes_off(
    shop: Shop, seconds: int, status: int
) -> None:
    order = await shop.order()
    caller = await shop.as_key(*ASK, Scope.BACKDATE)
    theirs = datetime.now(UTC) + timedelta(seconds=seconds)
    body = a_body(order, requested_at=theirs.isoformat())
    answer = await caller.post("/v1/quotes", json=body)
    assert answer.status_code == status
    if status == 201:
        decided = datetime.fromisoformat(answer.json()["decision"]["decided_at"])
        assert decided <= datetime.now(UTC)
    else:
        assert answer.json()["code"] == "requested_in_future"


@pytest.mark.parametrize("scope", [Scope.GOODWILL, Scope.DECIDE, Scope.MONEY])
async def test_setting_rules_aside_takes_both_permissions(shop: Shop, scope: Scope) -> None:
    order = await shop.order()
    reason = {"code": "changed_mind"}
    favour = {"initiator": "staff", "right": "goodwill", "overrides": {"fee_minor": 0}}
    body = a_body(order, reason=reason, **favour)
    answer = await ask(await shop.as_key(*ASK, scope), body)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


@pytest.mark.parametrize("cursor", ["x", "e30", "WyJhIl0", "WyIyMDI2LTAxLTAxIiwgIngiXQ", "é"])
async def test_a_cursor_that_no_list_gave_is_refused(shop: Shop, cursor: str) -> None:
    caller = await shop.as_key(Scope.READ)
    answer = await caller.get("/v1/cancellations", params={"cursor": cursor})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_cursor")


@pytest.mark.parametrize("path", ["", "/events"])
async def test_a_cancellation_that_is_not_there_is_not_found(shop: Shop, path: str) -> None:
    caller = await shop.as_key(Scope.READ)
    answer = await caller.get(f"/v1/cancellations/{uuid4()}{path}")
    assert (answer.status_code, answer.json()["code"]) == (404, "cancellation_not_found")
    assert (await caller.get(f"/v1/cancellations/nonsense{path}")).status_code == 422
