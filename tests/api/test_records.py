"""Records over HTTP, on a real database."""

import gzip
import json
from collections.abc import AsyncIterator, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from api.app import make_app
from domain.imports import LONGEST_LINE
from domain.subjects import Kind
from storage import keys, policies
from use_cases import imports
from use_cases.actors import Scope
from use_cases.context import Context
from use_cases.runs import Runs

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOURS = {str(day): [["09:00", "12:00"]] for day in range(1, 6)}
CHAIR = {"title": "Chair", "zone": "Europe/Berlin", "weekly_hours": HOURS, "slot_minutes": 60}
ORDER: dict[str, Any] = {
    "stage": "pending",
    "currency": "EUR",
    "customer": {"ref": "c1", "name": "Ada"},
    "lines": [{"sku": "mug", "unit_price_minor": 1500}],
    "tenders": [{"method": "card", "payment_ref": "pay_1", "captured_minor": 1500}],
}


async def _unreachable() -> Any:
    raise ConnectionError("records need no Temporal")


@pytest.fixture
async def client(sessions: async_sessionmaker[AsyncSession]) -> AsyncIterator[httpx.AsyncClient]:
    secret = keys.new_secret()
    async with sessions.begin() as session:
        document: dict[str, object] = {"id": "any", "title": "Any"}
        await policies.keep(
            session, "any", document, list(Kind), is_default=True, at=NOW, actor="test"
        )
        await keys.keep(session, "test", secret, [Scope.READ, Scope.RECORDS, Scope.IMPORTS], NOW)
    app = make_app(Context(sessions, Runs(_unreachable, "none"), clock=lambda: NOW))
    transport = httpx.ASGITransport(app)
    headers = {"Authorization": f"Bearer {secret}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="http://test", headers=headers
    ) as client:
        yield client


async def test_an_order_is_put_read_and_put_again(client: httpx.AsyncClient) -> None:
    first = await client.put("/v1/orders/1042", json=ORDER)
    assert (first.status_code, first.json()["status"]) == (201, "created")
    assert first.headers["Location"] == "/v1/orders/1042"
    again = await client.put("/v1/orders/1042", json=ORDER)
    assert (again.status_code, again.json()["status"]) == (200, "unchanged")
    seen = (await client.get("/v1/orders/1042")).json()
    assert (seen["id"], seen["stage"], seen["state"]) == ("1042", "pending", "none")
    assert seen["lines"][0]["total_minor"] == 1500
    assert seen["tenders"][0]["refundable_minor"] == 1500
    assert seen["customer"]["name"] == "Ada"
    assert [event["type"] for event in seen["history"]] == ["placed"]
    assert seen["links"]["events"] == "/v1/orders/1042/events"
    events = (await client.get("/v1/orders/1042/events")).json()
    assert events == seen["history"]
    assert (await client.get("/v1/orders/1042/events?after=1")).json() == []


@pytest.mark.parametrize(
    ("place", "changes"),
    [
        ("body.currency", {"currency": "euro"}),
        ("body.zone", {"zone": "Europe/Nowhere"}),
        ("body.placed_at", {"placed_at": "2026-03-01T10:00:00"}),
        ("body.starts_at", {"starts_at": "2026-03-01T00:00:00"}),
        ("body.customer.email", {"customer": {"email": "a@b\nBcc: c@d"}}),
        ("body.customer.name", {"customer": {"name": "A\0"}}),
        ("body.attributes", {"attributes": {"a": {"b": "\0"}}}),
        ("body.lines.0.quantity", {"lines": [{"quantity": 0}]}),
        ("body.lines", {"lines": [{"id": "2"}, {}]}),
        ("body.lines.0", {"lines": [{"unit_price_minor": 100, "discount_minor": 101}]}),
        ("body.lines.0", {"lines": [{"resource": "chair", "starts_at": "2026-03-05"}]}),
        ("body.tenders.0", {"tenders": [{"method": "cash", "returned_elsewhere_minor": 1}]}),
        ("body.colour", {"colour": "red"}),
    ],
)
async def test_a_report_that_makes_no_sense_is_told_where(
    client: httpx.AsyncClient, place: str, changes: dict[str, Any]
) -> None:
    answer = await client.put("/v1/orders/1", json=ORDER | changes)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert [error["place"] for error in answer.json()["errors"]] == [place]


async def test_a_taken_slot_is_a_conflict_that_names_it(client: httpx.AsyncClient) -> None:
    await client.put("/v1/resources/chair", json=CHAIR)
    times = {"starts_at": "2026-03-05T09:00:00+01:00", "ends_at": "2026-03-05T10:00:00+01:00"}
    body = {"stage": "booked", "currency": "EUR", "resource": "chair", **times}
    assert (await client.put("/v1/appointments/A", json=body)).status_code == 201
    answer = await client.put("/v1/appointments/B", json=body)
    assert (answer.status_code, answer.json()["code"]) == (409, "slot_taken")
    assert answer.json()["params"]["resource"] == "chair"
    seen = (await client.get("/v1/appointments/A")).json()
    assert seen["lines"][0]["reservations"][0]["resource"] == "chair"


async def test_free_slots_leave_out_the_past_and_what_is_taken(client: httpx.AsyncClient) -> None:
    assert (await client.put("/v1/resources/chair", json=CHAIR)).status_code == 201
    times = {"starts_at": "2026-03-02T11:00:00+01:00", "ends_at": "2026-03-02T12:00:00+01:00"}
    body = {"stage": "booked", "currency": "EUR", "resource": "chair", **times}
    await client.put("/v1/appointments/A", json=body)
    query = {"from": "2026-03-02T00:00:00Z", "to": "2026-03-04T00:00:00Z"}
    slots = (await client.get("/v1/resources/chair/slots", params=query)).json()
    assert [slot["starts_at"] for slot in slots] == [
        "2026-03-02T10:00:00+01:00",
        "2026-03-03T09:00:00+01:00",
        "2026-03-03T10:00:00+01:00",
        "2026-03-03T11:00:00+01:00",
    ]
    backwards = {"from": query["to"], "to": query["from"]}
    answer = await client.get("/v1/resources/chair/slots", params=backwards)
    assert answer.json()["code"] == "invalid_request"
    assert (await client.get("/v1/resources/sofa/slots", params=query)).status_code == 404


async def test_lists_go_page_by_page_without_gap_or_repeat(client: httpx.AsyncClient) -> None:
    lines = [{"kind": "order", "id": f"o{n}", **ORDER} for n in range(7)]
    lines[3]["stage"] = "packed"
    await send(client, lines)
    seen: list[str] = []
    url: str | None = "/v1/orders?limit=3"
    while url:
        page = (await client.get(url)).json()
        seen += [item["id"] for item in page["items"]]
        url = f"/v1/orders?limit=3&cursor={page['next']}" if page["next"] else None
    assert sorted(seen) == [f"o{n}" for n in range(7)]
    packed = (await client.get("/v1/orders?stage=packed")).json()
    assert [item["id"] for item in packed["items"]] == ["o3"]
    assert (await client.get("/v1/orders?state=cancelled")).json()["items"] == []
    assert len((await client.get("/v1/orders?customer=c1")).json()["items"]) == 7
    assert (await client.get("/v1/appointments")).json()["items"] == []


async def send(client: httpx.AsyncClient, lines: Iterable[Any]) -> list[dict[str, Any]]:
    body = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    answer = await client.post(
        "/v1/imports", content=body, headers={"Content-Type": "application/x-ndjson"}
    )
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_an_import_answers_each_line_and_a_broken_one_hinders_none(
    client: httpx.AsyncClient,
) -> None:
    start = datetime(2026, 3, 5, 9, tzinfo=UTC)
    appointment = {
        "kind": "appointment",
        "id": "A",
        "stage": "booked",
        "currency": "EUR",
        "starts_at": start.isoformat(),
        "ends_at": (start + timedelta(hours=1)).isoformat(),
        "resource": "chair",
    }
    lines = [
        {"kind": "resource", "id": "chair", **CHAIR},
        {"kind": "order", "id": "1", **ORDER},
        "{broken",
        "",
        appointment,
        {"kind": "order", "id": "2", **ORDER, "currency": "euro"},
        {**appointment, "id": "B"},
        {"kind": "parcel", "id": "3"},
        "[" * 5000,
        {"kind": "order", "id": "4", **ORDER},
    ]
    answers = await send(client, lines)
    told = [(a["line"], a["status"], a.get("kind"), a.get("id"), a.get("code")) for a in answers]
    assert told == [
        (1, "created", "resource", "chair", None),
        (2, "created", "order", "1", None),
        (3, "error", None, None, "invalid_request"),
        (5, "created", "appointment", "A", None),
        (6, "error", "order", "2", "invalid_request"),
        (7, "error", "appointment", "B", "slot_taken"),
        (8, "error", None, "3", "invalid_request"),
        (9, "error", None, None, "invalid_request"),
        (10, "created", "order", "4", None),
    ]
    assert "currency" in answers[4]["detail"]
    assert "euro" not in answers[4]["detail"]
    again = await send(client, lines)
    assert [a["status"] for a in again].count("unchanged") == 4
    assert [a["status"] for a in again].count("error") == 5


async def test_an_import_of_many_is_cut_into_batches_in_order(client: httpx.AsyncClient) -> None:
    count = 2 * imports.BATCH + 10
    lines = [{"kind": "order", "id": f"o{n}", **ORDER} for n in range(count)]
    lines[5]["id"] = "o4"
    answers = await send(client, lines)
    assert [answer["line"] for answer in answers] == list(range(1, count + 1))
    assert answers[5]["status"] == "unchanged"


async def test_a_line_that_is_too_long_is_an_answer_too(client: httpx.AsyncClient) -> None:
    long = json.dumps(
        {"kind": "order", "id": "1", **ORDER, "attributes": {"a": "x" * LONGEST_LINE}}
    )
    (first, second) = await send(client, [long, {"kind": "order", "id": "2", **ORDER}])
    assert (first["status"], first["line"]) == ("error", 1)
    assert (second["status"], second["id"]) == ("created", "2")


async def test_an_answer_comes_while_the_body_is_still_being_sent(
    sessions: async_sessionmaker[AsyncSession], client: httpx.AsyncClient
) -> None:
    """Straight at ASGI, with a server that doesn't claim to support more than uvicorn does."""
    app = client._transport.app  # type: ignore[attr-defined]
    line = (json.dumps({"kind": "order", "id": "1", **ORDER}) + "\n").encode()
    sent: list[bytes] = []
    chunks = [line * imports.BATCH, line, b""]

    async def receive() -> dict[str, Any]:
        chunk = chunks.pop(0)
        if not chunk:
            assert sent, "the first batch should be answered before the body ends"
        return {"type": "http.request", "body": chunk, "more_body": bool(chunks)}

    async def give(message: dict[str, Any]) -> None:
        if message.get("body"):
            sent.append(message["body"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "path": "/v1/imports",
        "raw_path": b"/v1/imports",
        "root_path": "",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"authorization", client.headers["Authorization"].encode())],
        "client": ("127.0.0.1", 1),
        "server": ("test", 80),
    }
    await app(scope, receive, give)
    assert len(b"".join(sent).splitlines()) == imports.BATCH + 1


async def test_records_take_their_scopes(
    client: httpx.AsyncClient, sessions: async_sessionmaker[AsyncSession]
) -> None:
    secret = keys.new_secret()
    async with sessions.begin() as session:
        await keys.keep(session, "reader", secret, [Scope.READ], NOW)
    client.headers["Authorization"] = f"Bearer {secret}"
    assert (await client.put("/v1/orders/1", json=ORDER)).status_code == 403
    assert (await client.put("/v1/appointments/1", json=ORDER)).status_code == 403
    assert (await client.put("/v1/resources/1", json=CHAIR)).status_code == 403
    assert (await client.post("/v1/imports", content=gzip.compress(b""))).status_code == 403
    assert (await client.get("/v1/orders/1")).status_code == 404
