"""Telling the card sandbox of payments as they are reported, where it stands in for a provider."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack

import asyncpg

from domain.errors import ProviderUnavailable
from domain.money import Money
from domain.reports import Payment
from providers import currencies
from providers.stripe.exponents import exponent
from runtime.providing import SANDBOX
from sandbox.cards import Cards
from sandbox.errors import CardsRefused, CardsUnavailable

log = logging.getLogger(__name__)

_Rows = list[tuple[str, int, str]]
"""References, amounts in the sandbox's units, and currencies."""


class SandboxRegistry:
    """A payment registry; the sandbox's database is opened when it is first needed."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._open = AsyncExitStack()
        self._cards: Cards | None = None
        self._opening = asyncio.Lock()

    async def __call__(self, payments: Sequence[Payment]) -> None:
        """Raises ProviderUnavailable. A payment the sandbox refuses is noted in the log."""
        captured, held = sums([one for one in payments if one.provider == SANDBOX])
        if captured or held:
            cards = await self._reach()
            await _keep(cards.register_all, captured)
            await _keep(cards.hold_all, held)

    async def close(self) -> None:
        await self._open.aclose()

    async def _reach(self) -> Cards:
        async with self._opening:
            if self._cards is None:
                self._cards = await self._connect()
        return self._cards

    async def _connect(self) -> Cards:
        try:
            return await self._open.enter_async_context(Cards.open(self._url, 2))
        except (OSError, asyncpg.PostgresError) as error:
            raise ProviderUnavailable("the card sandbox can't be reached") from error


def sums(payments: Sequence[Payment]) -> tuple[_Rows, _Rows]:
    """What is captured and still there, and what is only held, by payment.

    Tenders that share a payment add up.
    """
    captured: dict[tuple[str, str], int] = defaultdict(int)
    held: dict[tuple[str, str], int] = defaultdict(int)
    for one in payments:
        left = one.captured_minor - one.returned_elsewhere_minor
        if one.captured_minor:
            captured[one.payment_ref, one.currency] += left
        elif one.authorised_minor:
            held[one.payment_ref, one.currency] += one.authorised_minor
    return _rows(captured), _rows(held)


def _rows(amounts: dict[tuple[str, str], int]) -> _Rows:
    rows = []
    for (ref, currency), minor in amounts.items():
        amount = Money(minor=minor, currency=currency)
        try:
            rows.append((ref, currencies.to_units(amount, exponent(currency)), currency))
        except currencies.NotRepresentable as error:
            log.warning("the card sandbox can't be told of payment %s: %s", ref, error)
    return rows


async def _keep(register: Callable[[_Rows], Awaitable[None]], rows: _Rows) -> None:
    """Register all at once, or one by one if the sandbox refuses something among them."""
    if not rows:
        return
    try:
        await register(rows)
    except CardsUnavailable as error:
        raise ProviderUnavailable("the card sandbox can't be told of payments") from error
    except CardsRefused as error:
        if len(rows) == 1:
            log.warning("the card sandbox refuses payment %s: %s", rows[0][0], error.failure)
            return
        for row in rows:
            await _keep(register, [row])
