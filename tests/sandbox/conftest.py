import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count

import asyncpg
import pytest
import stripe

from sandbox.cards import Cards
from sandbox.serving import Running, running

_numbers = count(1)


@pytest.fixture(scope="session")
async def sandbox_database(postgres_url: str) -> str:
    connection = await asyncpg.connect(postgres_url)
    await connection.execute("CREATE DATABASE sandbox")
    await connection.close()
    return f"{postgres_url.rpartition('/')[0]}/sandbox"


@pytest.fixture(scope="session")
async def server(sandbox_database: str) -> AsyncIterator[Running]:
    """A sandbox for all tests that stay with payments of their own."""
    async with running(sandbox_database) as server:
        yield server


@pytest.fixture
async def own(server: Running) -> AsyncIterator[Running]:
    """The same, with nobody's scripts, endpoints and time but the test's own."""
    yield server
    await server.cards.pool.execute(
        "TRUNCATE sandbox.endpoints, sandbox.deliveries, sandbox.faults, sandbox.moves;"
        " UPDATE sandbox.clock SET ahead = '0'"
    )


@pytest.fixture
def client(server: Running) -> stripe.StripeClient:
    return client_of(server.address)


@pytest.fixture
def cards(server: Running) -> Cards:
    """What scripts the sandbox and looks into it."""
    return server.cards


@pytest.fixture
async def paid(server: Running) -> str:
    """The id of a payment of 100.00 EUR that no other test knows."""
    ref = f"pay_{next(_numbers)}"
    await server.cards.register(ref, 10_000, "EUR")
    return ref


@pytest.fixture
async def held(server: Running) -> str:
    """The id of a payment of 100.00 EUR that is held on a card."""
    ref = f"hold_{next(_numbers)}"
    await server.cards.hold_all([(ref, 10_000, "EUR")])
    return ref


def client_of(address: str) -> stripe.StripeClient:
    """The official SDK, asynchronous, without retries of its own."""
    return stripe.StripeClient(
        "sk_test_sandbox",
        base_addresses={"api": address},
        max_network_retries=0,
        http_client=stripe.HTTPXClient(timeout=10),
    )


@dataclass
class Inbox:
    """An endpoint for webhooks. It answers `status` and keeps what came, bodies and signatures."""

    address: str = ""
    status: int = 200
    bodies: list[bytes] = field(default_factory=list)
    signatures: list[str] = field(default_factory=list)

    def events(self, secret: str) -> list[stripe.Event]:
        """What came, each verified by the SDK."""
        return [
            stripe.Webhook.construct_event(body, signature, secret)
            for body, signature in zip(self.bodies, self.signatures, strict=True)
        ]

    async def until_came(self, number: int) -> None:
        async with asyncio.timeout(8):
            while True:
                if len(self.bodies) >= number:
                    return
                await asyncio.sleep(0.01)


@pytest.fixture
async def inbox() -> AsyncIterator[Inbox]:
    inbox = Inbox()
    async with _listening(inbox):
        yield inbox


@asynccontextmanager
async def _listening(inbox: Inbox) -> AsyncIterator[None]:
    async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        lines = dict(line.split(": ", 1) for line in head.splitlines()[1:] if line)
        headers = {name.lower(): value for name, value in lines.items()}
        inbox.bodies.append(await reader.readexactly(int(headers["content-length"])))
        inbox.signatures.append(headers["stripe-signature"])
        writer.write(f"HTTP/1.1 {inbox.status} x\r\nconnection: close\r\n\r\n".encode())
        writer.close()

    listener = await asyncio.start_server(receive, "127.0.0.1", 0)
    inbox.address = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/hooks"
    async with listener:
        yield
