"""The API around a small business, on a real database and a real Temporal with the real steps."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio.client import Client

from activities.notifications import MailSettings, Notifications
from activities.refunds import Refunds
from activities.slots import Slots
from activities.status import Status
from activities.stock import Stock
from activities.validation import Validation
from api.app import make_app
from domain.reasons import Reason
from domain.reports import OrderReport
from domain.subjects import Kind, SubjectRef
from notifications.smtp import Mailer
from providers.registry import Providers
from providers.stripe.adapter import StripePayments
from runtime.providing import SANDBOX
from sandbox.cards import Cards
from sandbox.serving import running
from storage import keys, policies, reasons, subjects
from tests.mail import MailServer
from use_cases import records
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.runs import Runs
from worker import make_worker, steps_of

Sessions = async_sessionmaker[AsyncSession]
Call = Callable[..., Awaitable[httpx.Response]]

STAFF = Actor(id="test", scopes=frozenset({Scope.ADMIN}))
PATIENCE = timedelta(seconds=5)


async def nowhere() -> Client:
    """A Temporal that can't be reached."""
    raise ConnectionError("there is no Temporal in this test")


class Shop:
    """A context with its application; `as_key` gives a caller with just these scopes."""

    cards: Cards

    def __init__(self, context: Context) -> None:
        self.context = context
        self.app = make_app(context)
        self.steps: list[Callable[..., Any]] = []
        self._callers: list[httpx.AsyncClient] = []

    def reach(self, runs: Runs) -> None:
        """Have the application look for Temporal here from now on."""
        self.app.state.context = replace(self.context, runs=runs)

    async def as_key(self, *scopes: Scope) -> httpx.AsyncClient:
        return self.anonymous(Authorization=f"Bearer {await self.secret(*scopes)}")

    async def secret(self, *scopes: Scope) -> str:
        """A new key with just these scopes."""
        secret = keys.new_secret()
        async with self.context.sessions.begin() as session:
            await keys.keep(session, secret[:12], secret, scopes, self.context.clock())
        return secret

    def anonymous(self, **headers: str) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        caller = httpx.AsyncClient(
            transport=transport, base_url="http://rescind", headers=headers, timeout=30
        )
        self._callers.append(caller)
        return caller

    async def order(self, policy: str = "shop", **known: Any) -> SubjectRef:
        """Two mugs and a plate for 54.00 EUR, paid by gift card. All tests share one Temporal, so
        each order has an id of its own."""
        report: dict[str, Any] = {
            "stage": "pending",
            "policy": {"id": policy},
            "currency": "EUR",
            "placed_at": (self.context.clock() - timedelta(days=1)).isoformat(),
            "customer": {"ref": "c1", "name": "Ada", "email": "ada@example.com"},
            "lines": [
                {"id": "1", "sku": "mug", "quantity": 2, "unit_price_minor": 1_500},
                {"id": "2", "sku": "plate", "quantity": 1, "unit_price_minor": 2_400},
            ],
            "tenders": [{"id": "g", "method": "gift_card", "captured_minor": 5_400}],
        }
        subject = SubjectRef(kind=Kind.ORDER, id=f"o-{uuid4().hex[:12]}")
        told = OrderReport.model_validate(report | known)
        await records.report(self.context, STAFF, subject, told)
        return subject

    async def change(self, order: SubjectRef, **facts: Any) -> None:
        """Change what the merchant knows of an order."""
        async with self.context.sessions.begin() as session:
            row = await subjects.get(session, order)
            for name, value in facts.items():
                setattr(row, name, value)

    async def policy(self, id_: str, **document: Any) -> None:
        async with self.context.sessions.begin() as session:
            await policies.keep(
                session,
                id_,
                {"id": id_, "title": id_} | document,
                list(Kind),
                is_default=id_ == "shop",
                at=self.context.clock() - timedelta(days=30),
                actor="test",
            )

    async def close(self) -> None:
        for caller in self._callers:
            await caller.aclose()


async def _open(context: Context) -> Shop:
    shop = Shop(context)
    packed = {"unless": {"stage": "open"}, "refuse": "stage_not_cancellable"}
    await shop.policy("shop", rules=[packed])
    await shop.policy("asks", approval={}, undo="1h")
    async with context.sessions.begin() as session:
        for reason in (
            Reason(code="changed_mind", labels={"en": "Changed my mind", "de": "Anders überlegt"}),
            Reason(code="other", labels={"en": "Something else"}, note_required=True, position=9),
            Reason(code="ill", labels={"en": "Ill"}, kinds=frozenset({Kind.APPOINTMENT})),
            Reason(code="old", labels={"en": "Old"}, retired=True),
        ):
            await reasons.keep(session, reason, context.clock())
    return shop


@pytest.fixture
async def shop(sessions: Sessions) -> AsyncIterator[Shop]:
    """The shop with nobody at Temporal."""
    shop = await _open(Context(sessions, Runs(nowhere, "none")))
    yield shop
    await shop.close()


@pytest.fixture
async def live(
    sessions: Sessions,
    temporal: Client,
    task_queue: str,
    database: str,
    mail_server: MailServer,
) -> AsyncIterator[Shop]:
    """The shop with a worker that does the real steps; waits wait in real time."""

    async def connect() -> Client:
        return temporal

    shop = await _open(Context(sessions, Runs(connect, task_queue, PATIENCE)))
    mailer = Mailer(mail_server.url)
    async with running(database) as sandbox:
        shop.cards = sandbox.cards
        cards = StripePayments("sk_test_sandbox", api_base=sandbox.address)
        shop.steps = steps_of(
            Validation(sessions),
            Slots(sessions),
            Stock(sessions),
            Refunds(sessions, Providers({SANDBOX: cards})),
            Status(sessions),
            Notifications(
                sessions,
                mailer,
                MailSettings(
                    sender="shop@example.com", business="desk@example.com", public_url="http://t"
                ),
            ),
        )
        async with make_worker(temporal, task_queue, shop.steps):
            yield shop
        await cards.close()
    await mailer.close()
    await shop.close()
