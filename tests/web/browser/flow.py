"""A customer on the way through the pages, and what the business then has of it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from itertools import product as every
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text

from domain.subjects import SubjectRef
from sandbox import control
from storage import keys
from tests.end_to_end.conftest import Business, a_card
from tests.web.browser import purchases
from tests.web.browser.conftest import Visit
from tests.web.browser.pages import Stage
from tests.web.browser.product import Product
from tests.web.browser.scenes import Customer, even
from tests.web.browser.visitor import Look
from use_cases import status
from use_cases.actors import Scope
from use_cases.views import CancellationView, Status
from web.shared.pages import Words

_SCHEMES: tuple[Any, ...] = ("light", "dark")
EVERY = [
    Look(scheme, width, script, language)
    for scheme, width, script, language in every(_SCHEMES, (390, 1280), (True, False), ("en", "ar"))
]


def every_look(*quick: Look) -> pytest.MarkDecorator:
    """A test in each look; only those named belong to the quick ones."""
    marked = [
        pytest.param(look, id=str(look), marks=() if look in quick else pytest.mark.slow)
        for look in EVERY
    ]
    return pytest.mark.parametrize("look", marked)


@dataclass
class Flow:
    """`card` is the payment of what was bought last, `who` the customer it was bought by."""

    customer: Customer
    product: Product
    look: Look
    who: dict[str, Any] = field(default_factory=purchases.a_customer)
    card: str = ""

    def __post_init__(self) -> None:
        self.who |= {"language": self.look.language, "zone": "Europe/Berlin"}
        self.words = Words(self.look.language, None, "Europe/Berlin")

    @property
    def business(self) -> Business:
        return self.product.business

    async def order(self, policy: str = "plain", **known: Any) -> SubjectRef:
        """A mug for 20.00, two packs of tea for 5.00 each, a tin for 10.00, on one card."""
        told = self._told(4_000) | known
        return await self.business.order(policy, **told)

    async def appointment(self, policy: str = "plain", **known: Any) -> SubjectRef:
        """An hour on the chair for 40.00."""
        told = self._told(4_000) | known
        return await purchases.appointment(self.business, policy, **told)

    async def delivered(self) -> SubjectRef:
        """An order that came two days ago, which only the law lets go."""
        at = self.business.context.clock() - timedelta(days=2)
        return await self.order("lawful", stage="delivered", delivered_at=at)

    def _told(self, amount: int) -> dict[str, Any]:
        card = a_card(amount)
        self.card = card["payment_ref"]
        return {"customer": self.who, "tenders": [card]}

    async def come_in(self, subject: SubjectRef) -> None:
        """Open the mail's link."""
        await self.customer.page.goto(await self.product.link(subject))

    async def reads(self, sentence: str, **values: object) -> None:
        """The page says this sentence in the customer's language; one that moves does so soon."""
        await self.customer.until(self.said(sentence, **values))

    def said(self, sentence: str, **values: object) -> str:
        return even(self.words.say(sentence, **values).striptags())

    def money(self, minor: int) -> str:
        return even(self.words.money(minor, "EUR").striptags())

    async def follow(self, sentence: str, **values: object) -> None:
        """Wait for what a moving page will say; without a script, by its link for looking again."""
        said = self.said(sentence, **values)
        if self.look.script:
            await self.customer.until(said)
        else:
            await self.customer.until_reloaded(said)

    async def comes_back_to(self, sentence: str) -> None:
        """Open the page of a cancellation at rest again, as who had a mail about it does."""
        async with asyncio.timeout(60):
            while self.said(sentence) not in await self.customer.read():
                await self.customer.page.reload()

    async def seen(self) -> CancellationView:
        """The cancellation whose page is open."""
        id_ = UUID(self.customer.path.rpartition("/")[2])
        return await status.get_cancellation(self.business.context, id_)

    async def is_at(self, state: Status) -> CancellationView:
        return await self.business.until(await self.seen(), lambda seen: seen.state is state)

    async def returned(self) -> list[int]:
        """What went back to the card, each time."""
        made = await control.refunds_of(self.business.cards, self.card)
        return [one.amount for one in made if one.state == "succeeded"]

    async def cancellations(self, subject: SubjectRef) -> int:
        return await self._count("cancellations", subject)

    async def slots_kept(self, subject: SubjectRef) -> int:
        return await self._count("reservations", subject, "AND r.state <> 'released'")

    async def _count(self, table: str, subject: SubjectRef, more: str = "") -> int:
        query = (
            f"SELECT count(*) FROM {table} r JOIN subjects s ON s.id = r.subject_id"
            f" WHERE s.ref = :ref {more}"
        )
        async with self.business.sessions() as session:
            return int((await session.execute(text(query), {"ref": subject.id})).scalar_one())

    async def mails(self, count: int) -> list[EmailMessage]:
        """What this customer was sent, once it is so many."""
        address = self.who["email"]
        async with asyncio.timeout(40):
            while True:
                found = [m for m in self.business.mails.messages if address in str(m["To"])]
                if len(found) >= count:
                    return found
                await asyncio.sleep(0.05)

    async def staff(self, answer: str) -> None:
        """Answer the cancellation whose page is open, by the API as staff do."""
        secret = keys.new_secret()
        async with self.business.sessions.begin() as session:
            at = self.business.context.clock()
            await keys.keep(session, secret[:12], secret, (Scope.DECIDE, Scope.READ), at)
        headers = {"Authorization": f"Bearer {secret}"}
        path = f"/v1/cancellations/{self.customer.path.rpartition('/')[2]}/{answer}"
        async with httpx.AsyncClient(base_url=self.product.origin, headers=headers) as caller:
            (await caller.post(path, timeout=40)).raise_for_status()


@pytest.fixture(name="flow")
async def fixture_flow(visit: Visit, stage: Stage, look: Look) -> AsyncIterator[Flow]:
    async with visit(look) as visitor:
        yield Flow(Customer(visitor.page, stage.product.origin), stage.product, look)
