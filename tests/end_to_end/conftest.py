"""A small business with everything real: PostgreSQL, Temporal, SMTP, the card sandbox, a worker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio.client import Client

from domain.reasons import Reason
from domain.reports import AppointmentReport, OrderReport, SubjectReport
from domain.resources import Resource
from domain.subjects import Kind, SubjectRef
from runtime.registering import SandboxRegistry
from runtime.settings import Settings
from sandbox.cards import Cards
from sandbox.serving import running
from storage.invariants import violations
from storage.stock import StockRow
from tests.end_to_end.faults import Faults
from tests.mail import MailServer
from use_cases import cancellations, policies, reasons, records, resources, status
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.intake import Asked, AskedLine
from use_cases.runs import Runs
from use_cases.views import CancellationView, Status
from worker import activities, make_worker
from workflows.sandbox import runner

DESK = Actor(id="key/desk", scopes=frozenset({Scope.ADMIN}))
MANAGER = Actor(id="key/manager", scopes=frozenset({Scope.ADMIN}))
EVERY_HOUR = {str(day): [("00:00", "24:00")] for day in range(1, 8)}

POLICIES: dict[str, dict[str, Any]] = {
    "plain": {"title": "Everything goes"},
    "kind": {"title": "A no of the bank changes nothing", "on_refused": "stand"},
    "asked": {"title": "Somebody has to agree", "approval": {"within": "48h"}},
    "open": {
        "title": "Until it is packed, if somebody agrees",
        "rules": [{"unless": {"stage": "open"}, "refuse": "stage_not_cancellable"}],
        "approval": {"within": "48h"},
    },
    "yes": {
        "title": "Silence is a yes",
        "approval": {"within": "48h", "approve_by_default": True},
    },
    "undo": {"title": "Ten minutes to think", "undo": "10m"},
    "half": {"title": "Half of it stays", "rules": [{"keep": "50%"}]},
}


@dataclass
class Business:
    """What a test does with it. Orders are paid by card unless they say otherwise."""

    context: Context
    cards: Cards
    mails: MailServer
    client: Client
    faults: Faults
    sessions: async_sessionmaker[AsyncSession]

    async def order(self, policy: str = "plain", **known: Any) -> SubjectRef:
        """Three goods lines: 20.00, 2 × 5.00 and 10.00, all on one card."""
        ref = SubjectRef(kind=Kind.ORDER, id=f"o-{uuid4().hex[:10]}")
        lines = known.pop("lines", None) or [
            {"sku": "mug", "title": "Mug", "unit_price_minor": 2_000},
            {"sku": "tea", "title": "Tea", "quantity": 2, "unit_price_minor": 500},
            {"sku": "tin", "title": "Tin", "unit_price_minor": 1_000},
        ]
        return await self.report(ref, OrderReport, policy, lines=lines, **known)

    async def appointment(self, policy: str = "plain", **known: Any) -> SubjectRef:
        """An hour on the chair in three days, 40.00 by card."""
        ref = SubjectRef(kind=Kind.APPOINTMENT, id=f"a-{uuid4().hex[:10]}")
        starts = _hour() + timedelta(days=3)
        times = {"starts_at": starts, "ends_at": starts + timedelta(hours=1)}
        line = {"title": "Haircut", "resource": "chair", "unit_price_minor": 4_000} | times
        known = {"lines": [line], "stage": "booked"} | times | known
        return await self.report(ref, AppointmentReport, policy, **known)

    async def mixed(self, policy: str = "plain", **known: Any) -> SubjectRef:
        """Goods and a workshop in one order, on a card and a gift card."""
        starts = _hour() + timedelta(days=5)
        workshop = {
            "kind": "service",
            "title": "Workshop",
            "resource": "chair",
            "unit_price_minor": 3_000,
            "starts_at": starts,
            "ends_at": starts + timedelta(hours=2),
        }
        goods = {"sku": "mug", "title": "Mug", "unit_price_minor": 2_000}
        tenders = [a_card(3_500), {"id": "gift", **a_gift_card(1_500)}]
        known = {"tenders": tenders} | known
        return await self.order(policy, lines=[goods, workshop], **known)

    async def report(
        self, ref: SubjectRef, shape: type[SubjectReport], policy: str, **known: Any
    ) -> SubjectRef:
        priced = sum(
            line.get("unit_price_minor", 0) * line.get("quantity", 1) for line in known["lines"]
        )
        values = {
            "stage": "placed",
            "currency": "EUR",
            "zone": "Europe/Berlin",
            "placed_at": _hour() - timedelta(days=1),
            "customer": {"ref": "c-1", "name": "Ada", "email": "ada@example.org"},
            "policy": {"id": policy},
            "tenders": [a_card(priced)],
        }
        await records.report(self.context, DESK, ref, shape.model_validate(values | known))
        return ref

    async def cancel(
        self, subject: SubjectRef, *, key: str | None = None, actor: Actor = DESK, **known: Any
    ) -> CancellationView:
        lines = tuple(AskedLine(id=id_, quantity=n) for id_, n in known.pop("lines", {}).items())
        asked = Asked(subject=subject, lines=lines, **known)
        return await cancellations.request_cancellation(self.context, actor, asked, key)

    async def seen(self, cancellation: CancellationView) -> CancellationView:
        return await status.get_cancellation(self.context, cancellation.id)

    async def reached(self, cancellation: CancellationView, *states: Status) -> CancellationView:
        """Wait until the cancellation is in one of these states."""
        return await self.until(cancellation, lambda seen: seen.state in states)

    async def until(
        self, cancellation: CancellationView, true: Callable[[CancellationView], bool]
    ) -> CancellationView:
        """Look again and again until this is true of the cancellation."""
        async with asyncio.timeout(40):
            while True:
                seen = await self.seen(cancellation)
                if true(seen):
                    return seen
                await asyncio.sleep(0.05)

    async def until_mails(self, count: int) -> None:
        """Wait until so many mails have come."""
        async with asyncio.timeout(20):
            while True:
                if len(self.mails.messages) >= count:
                    return
                await asyncio.sleep(0.02)

    async def ended(self, cancellation: CancellationView) -> CancellationView:
        """Wait until the run has ended, mails and all."""
        assert cancellation.workflow_id
        handle = self.client.get_workflow_handle(cancellation.workflow_id)
        async with asyncio.timeout(60):
            await handle.result()
        return await self.seen(cancellation)

    async def run_in_db(self, work: Callable[[AsyncSession], Awaitable[Any]]) -> Any:
        async with self.sessions.begin() as session:
            return await work(session)

    async def on_hand(self, sku: str) -> int:
        async with self.sessions() as session:
            return (await session.get_one(StockRow, sku)).on_hand

    async def is_sound(self) -> bool:
        """Ask the checker; what it finds is shown by the assertion."""
        async with self.sessions() as session:
            assert await violations(session) == []
        return True


@asynccontextmanager
async def running_business(
    database: str,
    sessions: async_sessionmaker[AsyncSession],
    temporal: Client,
    task_queue: str,
    mail_server: MailServer,
    more_settings: dict[str, Any],
) -> AsyncIterator[Business]:
    faults = Faults()
    async with AsyncExitStack() as stack:
        sandbox = await stack.enter_async_context(running(database))
        settings = Settings(
            database_url=database,
            smtp_url=mail_server.url,
            cards_url=sandbox.address,
            temporal_task_queue=task_queue,
            **more_settings,
        )
        registry = SandboxRegistry(database)
        stack.push_async_callback(registry.close)
        steps = await activities(stack, temporal, settings, database)
        worker = make_worker(temporal, task_queue, steps, [faults], runner())
        await stack.enter_async_context(worker)
        context = Context(
            sessions,
            Runs(already(temporal), task_queue, timedelta(seconds=20)),
            zone="Europe/Berlin",
            register=registry,
        )
        await _furnish(context)
        yield Business(context, sandbox.cards, mail_server, temporal, faults, sessions)


@pytest.fixture
async def business(
    database: str,
    sessions: async_sessionmaker[AsyncSession],
    temporal: Client,
    task_queue: str,
    mail_server: MailServer,
    more_settings: dict[str, Any],
) -> AsyncIterator[Business]:
    async with running_business(
        database, sessions, temporal, task_queue, mail_server, more_settings
    ) as business:
        yield business


@pytest.fixture
def more_settings() -> dict[str, Any]:
    """What tests of something that isn't there by itself set as well."""
    return {}


async def _furnish(context: Context) -> None:
    for policy, document in POLICIES.items():
        document = {"currency": "EUR"} | document
        is_default = policy == "plain"
        await policies.keep_policy(context, DESK, policy, document, is_default=is_default)
    chair = Resource(title="Chair", zone="Europe/Berlin", weekly_hours=EVERY_HOUR)
    await resources.put(context, "chair", chair)
    for code in ("no_longer_needed", "other"):
        labels = {"en": code.replace("_", " ")}
        reason = Reason(code=code, labels=labels, note_required=code == "other")
        await reasons.keep_reason(context, reason)
    async with context.sessions.begin() as session:
        session.add_all(
            [StockRow(sku=sku, on_hand=10, updated_at=_hour()) for sku in ("mug", "tea")]
        )


def already(client: Client) -> Callable[[], Awaitable[Client]]:
    async def connect() -> Client:
        return client

    return connect


def _hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def a_card(captured_minor: int, ref: str | None = None) -> dict[str, Any]:
    return {
        "method": "card",
        "payment_ref": ref or f"pay-{uuid4().hex[:10]}",
        "captured_minor": captured_minor,
    }


def a_gift_card(captured_minor: int, ref: str | None = None) -> dict[str, Any]:
    return {
        "method": "gift_card",
        "payment_ref": ref or f"gift-{uuid4().hex[:10]}",
        "captured_minor": captured_minor,
    }
