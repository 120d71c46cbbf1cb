"""Which policy a purchase is made under, on a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

from domain.errors import PolicyAmbiguous, PolicyNotFound
from domain.reports import AppointmentReport, OrderReport
from domain.subjects import Kind, SubjectRef
from storage import policies, subjects
from use_cases import imports, records
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.runs import Runs

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
ACTOR = Actor(id="key:test", scopes=frozenset(Scope))
Sessions = async_sessionmaker[AsyncSession]
CHANNEL = {"facts": {"attributes.channel": "text", "customer.group": "text"}}


async def _unreachable() -> Any:
    raise ConnectionError("records need no Temporal")


@pytest.fixture
async def context(sessions: Sessions) -> Context:
    context = Context(sessions, Runs(_unreachable, "none"), clock=lambda: NOW, zone="Europe/Berlin")
    await _keep(context, "usual", is_default=True)
    return context


async def _keep(
    context: Context,
    id_: str,
    applies_to: dict[str, Any] | None = None,
    *,
    at: datetime = NOW - timedelta(days=100),
    is_default: bool = False,
    **document: Any,
) -> None:
    whole = {"id": id_, "title": id_, **CHANNEL, **document}
    whole |= {"applies_to": applies_to} if applies_to else {}
    async with context.sessions.begin() as session:
        await policies.keep(
            session, id_, whole, list(Kind), is_default=is_default, at=at, actor="test"
        )


def _order(**told: Any) -> OrderReport:
    report = {
        "stage": "pending",
        "currency": "EUR",
        "placed_at": "2026-03-01T10:00:00+01:00",
        "lines": [{"sku": "mug", "category": "kitchen", "unit_price_minor": 1_500}],
    }
    return OrderReport.model_validate(report | told)


async def _frozen(context: Context, id_: str = "1", **told: Any) -> tuple[str, int]:
    subject = SubjectRef(kind=Kind.ORDER, id=id_)
    await records.report(context, ACTOR, subject, _order(**told))
    async with context.sessions() as session:
        row = await subjects.get(session, subject)
        return row.policy_id, row.policy_version


async def test_the_most_specific_that_applies_is_frozen_else_the_default(context: Context) -> None:
    await _keep(context, "kitchen", {"line.category": "kitchen"})
    await _keep(context, "web", {"line.category": "kitchen", "attributes.channel": "web"})
    await _keep(context, "club", {"customer.group": "club", "total": {"over": "10.00 EUR"}})
    toys = [{"sku": "car", "category": "toys", "unit_price_minor": 900}]
    club = {"counters": {"attributes": {"group": "club"}}}
    assert await _frozen(context, "1") == ("kitchen", 1)
    assert await _frozen(context, "2", channel="web") == ("web", 1)
    assert await _frozen(context, "3", lines=toys) == ("usual", 1)
    assert await _frozen(context, "4", customer=club) == ("club", 1)
    assert await _frozen(context, "5", customer=club, lines=toys) == ("usual", 1)


async def test_an_appointment_chooses_by_service_and_season(context: Context) -> None:
    await _keep(context, "winter", {"kind": "appointment", "start.month": ["dec", "jan"]})
    found = []
    for id_, start in (("a", "2026-12-24T10:00:00Z"), ("b", "2026-06-24T10:00:00Z")):
        subject = SubjectRef(kind=Kind.APPOINTMENT, id=id_)
        told = {"stage": "booked", "currency": "EUR", "starts_at": start}
        await records.report(context, ACTOR, subject, AppointmentReport.model_validate(told))
        async with context.sessions() as session:
            found.append((await subjects.get(session, subject)).policy_id)
    assert found == ["winter", "usual"]


async def test_a_named_policy_goes_first_and_later_reports_change_nothing(context: Context) -> None:
    assert await _frozen(context, policy={"id": "usual"}) == ("usual", 1)
    await _keep(context, "kitchen", {"line.category": "kitchen"})
    assert await _frozen(context, policy={"id": "usual"}, stage="packed") == ("usual", 1)
    assert await _frozen(context, "2") == ("kitchen", 1)
    assert await _frozen(context, "2", stage="packed", lines=[]) == ("kitchen", 1)


async def test_what_was_not_in_force_when_it_was_placed_is_no_candidate(context: Context) -> None:
    await _keep(context, "kitchen", {"line.category": "kitchen"}, at=NOW - timedelta(hours=1))
    assert await _frozen(context, "1") == ("usual", 1)
    assert await _frozen(context, "2", placed_at=NOW.isoformat()) == ("kitchen", 1)
    await _keep(context, "kitchen", at=NOW + timedelta(days=1))
    later = (NOW + timedelta(days=2)).isoformat()
    assert await _frozen(context, "3", placed_at=later) == ("usual", 1)


async def test_the_version_that_applied_then_is_frozen(context: Context) -> None:
    for days, category in ((100, "toys"), (50, "kitchen"), (1, "toys")):
        at = NOW - timedelta(days=days)
        await _keep(context, "changing", {"line.category": category}, at=at)
    placed = (NOW - timedelta(days=20)).isoformat()
    assert await _frozen(context, "1", placed_at=placed) == ("changing", 2)
    assert await _frozen(context, "2", placed_at=NOW.isoformat()) == ("usual", 1)


async def test_a_tie_is_refused_and_leaves_nothing(context: Context) -> None:
    for name in ("one", "two"):
        await _keep(context, name, {"line.category": "kitchen"}, priority=len(name) - 3)
    with pytest.raises(PolicyAmbiguous, match="one and two"):
        await _frozen(context)
    async with context.sessions() as session:
        assert await subjects.find(session, SubjectRef(kind=Kind.ORDER, id="1")) is None
    await _keep(context, "two", {"line.category": "kitchen"}, priority=1)
    assert await _frozen(context) == ("two", 2)


async def test_without_a_default_what_applies_to_nothing_is_refused(sessions: Sessions) -> None:
    bare = Context(sessions, Runs(_unreachable, "none"), clock=lambda: NOW, zone="Europe/Berlin")
    await _keep(bare, "web", {"attributes.channel": "web"})
    assert await _frozen(bare, "1", channel="web") == ("web", 1)
    with pytest.raises(PolicyNotFound):
        await _frozen(bare, "2")


async def test_an_import_reads_the_candidates_once(context: Context, engine: AsyncEngine) -> None:
    await _keep(context, "kitchen", {"line.category": "kitchen"})
    read: list[str] = []

    def note(*arguments: Any) -> None:
        if "applies_to" in str(arguments[3]) or "policy_versions" in str(arguments[2]):
            read.append(str(arguments[2]))

    async def body() -> Any:
        for number in range(50):
            told = _order().model_dump_json(exclude_defaults=True)
            yield f'{{"kind": "order", "id": "{number}", {told[1:]}\n'.encode()

    event.listen(engine.sync_engine, "before_cursor_execute", note)
    batches = [batch async for batch in imports.import_lines(context, ACTOR, body())]
    event.remove(engine.sync_engine, "before_cursor_execute", note)
    assert [answer.status for batch in batches for answer in batch] == ["created"] * 50
    assert len(read) == 2
    async with context.sessions() as session:
        row = await subjects.get(session, SubjectRef(kind=Kind.ORDER, id="49"))
        assert row.policy_id == "kitchen"
