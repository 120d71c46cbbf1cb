"""A business in which many cancellations go wrong at once, each in its own way."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio.client import Client

from domain.reasons import Reason
from domain.reports import AppointmentReport, OrderReport
from domain.resources import Resource
from domain.subjects import Kind as SubjectKind
from domain.subjects import SubjectRef
from runtime.registering import SandboxRegistry
from runtime.settings import Settings
from sandbox import control
from sandbox.cards import Cards
from sandbox.control import Behaviour
from sandbox.serving import running
from storage.database import make_engine, make_sessions
from storage.stock import StockRow
from tests.end_to_end.conftest import DESK, EVERY_HOUR, already
from tests.end_to_end.warehouse import SECRET, warehouse
from tests.mail import MailServer
from tests.matrix.cells import OF_A_WAREHOUSE, UNDOS, WITHIN, Cell, Kind
from tests.matrix.meddling import Meddling, Rejected
from use_cases import policies, reasons, records, resources
from use_cases.context import Context
from use_cases.intake import AskedLine
from use_cases.runs import Runs
from worker import activities, make_worker
from workflows.sweep import Sweep

POLICIES: dict[str, dict[str, Any]] = {
    "asked": {"title": "Somebody has to agree"},
    "packed": {
        "title": "The warehouse is asked first",
        "warehouse": {"within": f"{int(WITHIN.total_seconds())}s"},
    },
    "stands": {"title": "A no of the bank changes nothing", "on_refused": "stand"},
}
ON_HAND = 10
HALL = 1_000
"""So many reservations at once, so that no cell stands in another's way."""

CROWD = 8
"""So many cancellations are busy at once; any number may wait. More would time out on their own."""

MUG = {"title": "Mug", "unit_price_minor": 2_000}
TEA = {"title": "Tea", "quantity": 2, "unit_price_minor": 500}


@dataclass
class Scene:
    """One subject, and the cell that is tried on it. `first` is what is cancelled first."""

    cell: Cell
    ref: SubjectRef
    card: str
    sku: str
    price: int
    first: tuple[AskedLine, ...]


@dataclass
class Stage:
    context: Context
    cards: Cards
    client: Client
    meddling: Meddling
    sessions: async_sessionmaker[AsyncSession]
    settings: Settings
    sweeping: asyncio.Lock
    crowd: asyncio.Semaphore

    @classmethod
    @asynccontextmanager
    async def set(
        cls, database: str, client: Client, task_queue: str, mails: MailServer
    ) -> AsyncIterator["Stage"]:
        """Everything but the worker, which `worker` starts."""
        async with AsyncExitStack() as stack:
            engine = make_engine(database)
            stack.push_async_callback(engine.dispose)
            sessions = make_sessions(engine)
            registry = SandboxRegistry(database)
            stack.push_async_callback(registry.close)
            sandbox = await stack.enter_async_context(running(database))
            peer = await stack.enter_async_context(warehouse())
            peer.answer = "stopped"
            settings = Settings(
                warehouse_url=peer.url,
                warehouse_secret=SECRET,
                database_url=database,
                smtp_url=mails.url,
                cards_url=sandbox.address,
                temporal_task_queue=task_queue,
            )
            runs = Runs(already(client), task_queue, timedelta(seconds=3))
            context = Context(sessions, runs, zone="Europe/Berlin", register=registry)
            await _furnish(context)
            meddling = Meddling(sessions)
            yield cls(
                context,
                sandbox.cards,
                client,
                meddling,
                sessions,
                settings,
                asyncio.Lock(),
                asyncio.Semaphore(CROWD),
            )

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            url = self.settings.database_url or ""
            steps = await activities(stack, self.client, self.settings, url)
            queue = self.settings.temporal_task_queue
            await stack.enter_async_context(make_worker(self.client, queue, steps, [self.meddling]))
            yield

    async def sweep(self, scene: Scene) -> None:
        """Run the sweep as if ten minutes had passed for this subject."""
        async with self.sessions.begin() as session:
            for statement in _TEN_MINUTES_AGO:
                await session.execute(text(statement), {"ref": scene.ref.id})
        queue = self.settings.temporal_task_queue
        await self.client.execute_workflow(Sweep.run, id=_ref("sweep"), task_queue=queue)

    async def scene(self, cell: Cell) -> Scene:
        """Put a subject there, with what has to go wrong first for its step to be reached."""
        scene = await _SUBJECTS[cell.kind](self, cell)
        step = cell.step
        if step in (*UNDOS, "climb_refund", "settle_refund"):
            await control.script(self.cards, Behaviour.REJECTS, ref=scene.card, failure="declined")
        if step in ("look_up_refund", "follow_refund"):
            self.meddling.plans[scene.ref.id, "trigger_refund"] = Rejected()
        return scene

    async def order(self, cell: Cell) -> Scene:
        """A mug and two teas on a card; first the mug and one tea go back."""
        sku, card = await self._goods(), _ref("pay")
        ref = SubjectRef(kind=SubjectKind.ORDER, id=_ref("o"))
        report = OrderReport.model_validate(
            _common(cell)
            | {
                "lines": [MUG | {"sku": sku}, TEA | {"sku": sku}],
                "tenders": [_card(card, 3_000)],
            }
        )
        await records.report(self.context, DESK, ref, report)
        first = (AskedLine(id="1", quantity=1), AskedLine(id="2", quantity=1))
        return Scene(cell, ref, card, sku, 3_000, first)

    async def appointment(self, cell: Cell) -> Scene:
        card = _ref("pay")
        ref = SubjectRef(kind=SubjectKind.APPOINTMENT, id=_ref("a"))
        times = _times(days=3)
        line = {"title": "Haircut", "resource": "hall", "unit_price_minor": 4_000} | times
        report = AppointmentReport.model_validate(
            _common(cell) | times | {"lines": [line], "tenders": [_card(card, 4_000)]}
        )
        await records.report(self.context, DESK, ref, report)
        return Scene(cell, ref, card, "", 4_000, ())

    async def mixed(self, cell: Cell) -> Scene:
        """A mug, a workshop and two teas, on a card and a gift card; first all but the teas."""
        sku, card = await self._goods(), _ref("pay")
        ref = SubjectRef(kind=SubjectKind.ORDER, id=_ref("m"))
        workshop = {
            "kind": "service",
            "title": "Workshop",
            "resource": "hall",
            "unit_price_minor": 3_000,
        }
        gift = {"method": "gift_card", "payment_ref": _ref("gift"), "captured_minor": 2_500}
        report = OrderReport.model_validate(
            _common(cell)
            | {
                "lines": [MUG | {"sku": sku}, workshop | _times(days=5), TEA | {"sku": sku}],
                "tenders": [_card(card, 3_500), {"id": "gift"} | gift],
            }
        )
        await records.report(self.context, DESK, ref, report)
        first = (AskedLine(id="1", quantity=1), AskedLine(id="2", quantity=1))
        return Scene(cell, ref, card, sku, 6_000, first)

    async def _goods(self) -> str:
        sku = _ref("sku")
        async with self.sessions.begin() as session:
            session.add(StockRow(sku=sku, on_hand=ON_HAND, updated_at=datetime.now(UTC)))
        return sku


_OF_SUBJECT = "WHERE subject_id = (SELECT id FROM subjects WHERE ref = :ref)"
_TEN_MINUTES_AGO = [
    f"UPDATE {table} SET {column} = {column} - interval '10 minutes' {_OF_SUBJECT}"
    for table, column in (
        ("requests", "received_at"),
        ("cancellations", "updated_at"),
        ("refunds", "updated_at"),
        ("notifications", "created_at"),
        ("notifications", "claimed_at"),
    )
]

_SUBJECTS = {
    Kind.ORDER: Stage.order,
    Kind.APPOINTMENT: Stage.appointment,
    Kind.MIXED: Stage.mixed,
}


async def _furnish(context: Context) -> None:
    for policy, document in POLICIES.items():
        document = {"currency": "EUR", "approval": {"within": "48h"}} | document
        await policies.keep_policy(context, DESK, policy, document, is_default=policy == "asked")
    hall = Resource(title="Hall", zone="Europe/Berlin", weekly_hours=EVERY_HOUR, capacity=HALL)
    await resources.put(context, "hall", hall)
    await reasons.keep_reason(context, Reason(code="other", labels={"en": "other"}))


def _common(cell: Cell) -> dict[str, Any]:
    policy = "stands" if cell.step in ("climb_refund", "settle_refund") else "asked"
    policy = "packed" if cell.step in OF_A_WAREHOUSE else policy
    return {
        "stage": "placed",
        "currency": "EUR",
        "zone": "Europe/Berlin",
        "placed_at": _hour() - timedelta(days=1),
        "customer": {"ref": "c-1", "name": "Ada", "email": "ada@example.org"},
        "policy": {"id": policy},
    }


def _card(ref: str, captured_minor: int) -> dict[str, Any]:
    return {"method": "card", "payment_ref": ref, "captured_minor": captured_minor}


def _times(days: int) -> dict[str, datetime]:
    starts = _hour() + timedelta(days=days)
    return {"starts_at": starts, "ends_at": starts + timedelta(hours=1)}


def _hour() -> datetime:
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


def _ref(prefix: str) -> str:
    return f"{prefix}-{uuid4().hex[:10]}"
