"""Many stories at once, each made up from its own seed, on databases that they share."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio.client import Client

from activities.refunds import Refunds
from activities.slots import Slots
from activities.status import Status
from activities.stock import Stock
from activities.validation import Validation
from domain.decisions import Decision
from domain.money import Money
from domain.reasons import Reason
from providers.ports import PaymentProvider
from providers.registry import Providers
from providers.stripe import exponents
from sandbox.cards import Cards
from storage import subjects
from storage.database import make_engine, make_sessions
from storage.invariants import violations
from tests.end_to_end.conftest import DESK
from tests.refunds import sums
from tests.refunds.inline import Inline
from tests.refunds.purchases import PLACED_AT, POLICIES, Purchase, a_purchase
from tests.refunds.story import Clock, Story
from use_cases import policies, quotes, reasons, records
from use_cases.context import Context
from use_cases.intake import Asked
from use_cases.runs import Runs
from worker import steps_of

AT_ONCE = 8
"""Stories under way at the same time."""


@dataclass(frozen=True)
class Bench:
    """Where stories are played: a database of ours, and a provider with its own."""

    sessions: async_sessionmaker[AsyncSession]
    provider: PaymentProvider
    cards: Cards
    day: asyncio.Lock = field(default_factory=asyncio.Lock)


@asynccontextmanager
async def bench(database: str, provider: PaymentProvider, cards: Cards) -> AsyncIterator[Bench]:
    engine = make_engine(database, connections=2 * AT_ONCE)
    try:
        yield Bench(make_sessions(engine), provider, cards)
    finally:
        await engine.dispose()


async def furnish(sessions: async_sessionmaker[AsyncSession]) -> None:
    """Keep the policies, as if they had been there before anything was bought."""
    context = Context(sessions, Runs(_no_temporal, ""), clock=lambda: PLACED_AT)
    for id_, document in POLICIES.items():
        await policies.keep_policy(context, DESK, id_, document, is_default=id_ == "plain")
    await reasons.keep_reason(context, Reason(code="goodwill", labels={"en": "Goodwill"}))


async def play_all(bench: Bench, seeds: Sequence[str]) -> None:
    """Play a story for each seed, and ask the checker when all are over. A failure names its
    seed and what had happened."""
    turns = asyncio.Semaphore(AT_ONCE)

    async def one(seed: str) -> None:
        async with turns:
            await play(bench, seed)

    async with asyncio.TaskGroup() as group:
        for seed in seeds:
            group.create_task(one(seed))
    async with bench.sessions() as session:
        assert await violations(session) == [], f"among the seeds {seeds[0]} to {seeds[-1]}"


async def play(bench: Bench, seed: str) -> None:
    chance = Random(seed)
    purchase, clock = a_purchase(chance, seed), Clock()
    steps = steps_of(
        Validation(bench.sessions),
        Slots(bench.sessions),
        Stock(bench.sessions),
        Refunds(bench.sessions, Providers({"sandbox": bench.provider})),
        Status(bench.sessions),
    )
    runs = Inline(steps, clock, chance)
    context = Context(bench.sessions, runs, clock=clock, zone="Europe/Berlin")
    log = [f"seed {seed}, policy {purchase.policy}, {purchase.report.currency}"]
    try:
        subject_id = await _buy(bench, context, purchase)
        at_once = await _at_once(context, purchase)
        story = Story(purchase, context, bench.cards, clock, chance, subject_id, bench.day, log)
        await story.play()
        await sums.check(story, at_once)
    except BaseException as error:
        error.add_note("\n  ".join(log))
        raise


async def _buy(bench: Bench, context: Context, purchase: Purchase) -> UUID:
    """Report the order to us, and its card payments to the provider."""
    report = purchase.report
    await records.report(context, DESK, purchase.ref, report)
    payments = []
    for tender in report.tenders:
        if tender.held_by and tender.payment_ref:
            amount = Money(minor=tender.captured_minor, currency=report.currency)
            payments.append((tender.payment_ref, exponents.to_units(amount), report.currency))
    await bench.cards.register_all(payments)
    async with bench.sessions() as session:
        return (await subjects.get(session, purchase.ref)).id


async def _at_once(context: Context, purchase: Purchase) -> Decision:
    """What cancelling all of it at once comes to."""
    return (await quotes.quote(context, DESK, Asked(subject=purchase.ref))).decision


async def _no_temporal() -> Client:
    raise AssertionError("stories run without Temporal")
