"""The ledger holds, whoever writes to it and however many at once."""

import asyncio
import random
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker

import storage
from domain.ledger import Counter, Occasion, Posting, Transaction
from domain.money import Money
from runtime.migrations import migrate
from storage import credit
from storage.invariants import violations

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
CURRENCIES = ("EUR", "JPY", "KWD", "HUF")

Sessions = async_sessionmaker[AsyncSession]


def moved(amounts: dict[str, int], currency: str = "EUR") -> Transaction:
    """A transaction that gives these accounts so much, out of the opening counter."""
    postings = {**amounts, Counter.OPENING: -sum(amounts.values())}
    return Transaction(
        id=uuid4(),
        occasion=Occasion.OPENING,
        postings=tuple(
            Posting(account=account, amount=Money(minor=minor, currency=currency))
            for account, minor in postings.items()
            if minor
        ),
        at=AT,
    )


async def book(sessions: Sessions, transaction: Transaction) -> bool:
    """Book it in a transaction of its own; False if the database refuses."""
    try:
        async with sessions.begin() as session:
            return await credit.post(session, transaction)
    except IntegrityError:
        return False


async def test_no_balance_falls_below_nothing_and_nothing_is_lost_under_concurrency(
    sessions: Sessions,
) -> None:
    chance = random.Random(5)
    accounts = [f"card-{n}" for n in range(4)]
    expected: dict[tuple[str, str], int] = defaultdict(int)
    refused = 0

    async def work() -> None:
        nonlocal refused
        for _ in range(40):
            currency = chance.choice(CURRENCIES)
            # The order is the writer's; two that name the same accounts must not wait in a ring.
            chosen = chance.sample(accounts, 2)
            amounts = {account: chance.randint(-60, 70) for account in chosen}
            transaction = moved(amounts, currency) if sum(amounts.values()) else None
            if transaction is None:
                continue
            if await book(sessions, transaction):
                for account, minor in amounts.items():
                    expected[account, currency] += minor
            else:
                refused += 1

    await asyncio.wait_for(asyncio.gather(*(work() for _ in range(8))), 20)
    assert refused
    async with sessions() as session:
        for account in accounts:
            for currency in CURRENCIES:
                held = await credit.balance(session, account, currency)
                assert held == expected[account, currency] >= 0
        assert await violations(session) == []


async def test_of_many_who_spend_the_same_credit_one_succeeds(sessions: Sessions) -> None:
    assert await book(sessions, moved({"card": 100}))
    spent = await asyncio.gather(*(book(sessions, moved({"card": -100})) for _ in range(12)))
    assert sum(spent) == 1


async def test_the_same_transaction_again_changes_nothing(sessions: Sessions) -> None:
    transaction = moved({"card": 100})
    booked = await asyncio.gather(*(book(sessions, transaction) for _ in range(6)))
    assert sum(booked) == 1
    async with sessions() as session:
        assert await credit.balance(session, "card", "EUR") == 100


FORBIDDEN = (
    "UPDATE ledger_postings SET amount_minor = 1",
    "DELETE FROM ledger_postings",
    "TRUNCATE ledger_postings",
    "UPDATE ledger_transactions SET at = now()",
    "DELETE FROM ledger_transactions",
    "UPDATE ledger_accounts SET id = 'mine'",
    "UPDATE ledger_balances SET balance_minor = 1000",
    "INSERT INTO ledger_balances VALUES ('card', 'USD', 1000)",
    (
        "INSERT INTO ledger_transactions (id, occasion, size, at)"
        " VALUES (gen_random_uuid(), 'opening', 2, now())"
    ),
    (
        "INSERT INTO ledger_postings (transaction_id, account, amount_minor, currency)"
        " SELECT id, 'card', 5, 'EUR' FROM ledger_transactions"
    ),
    (
        "INSERT INTO ledger_postings (transaction_id, account, amount_minor, currency)"
        " SELECT id, 'card', amount, 'EUR' FROM ledger_transactions, (VALUES (5), (-5)) v (amount)"
    ),
)


async def test_the_database_itself_refuses_what_would_break_the_ledger(sessions: Sessions) -> None:
    assert await book(sessions, moved({"card": 100}))
    for statement in FORBIDDEN:
        with pytest.raises(IntegrityError):
            async with sessions.begin() as session:
                await session.execute(text(statement))
    async with sessions() as session:
        assert await credit.balance(session, "card", "EUR") == 100
        assert await violations(session) == []


async def test_what_was_booked_before_is_carried_over(engine: AsyncEngine, database: str) -> None:
    config = Config()
    config.set_main_option(
        "script_location", str(Path(storage.__file__ or "").parent / "migrations")
    )
    config.attributes["url"] = database
    await asyncio.to_thread(command.downgrade, config, "0003")
    connection = await asyncpg.connect(database)
    entries = [("card", 500, "EUR"), ("card", -200, "EUR"), ("credit/anna", 7, "JPY")]
    for account, amount, currency in entries:
        await connection.execute(
            "INSERT INTO credit_entries (id, account, amount_minor, currency, memo, at)"
            " VALUES ($1, $2, $3, $4, '', $5)",
            *(uuid4(), account, amount, currency, AT),
        )
    await connection.close()
    await migrate(database)
    async with AsyncSession(engine) as session:
        assert await credit.balance(session, "card", "EUR") == 300
        assert await credit.balance(session, "credit/anna", "JPY") == 7
        assert await violations(session) == []
