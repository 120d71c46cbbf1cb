"""Telling the card sandbox which payments there are, where one stands in for a provider."""

from collections.abc import Awaitable, Callable, Sequence

from domain.reports import Payment

PaymentRegistry = Callable[[Sequence[Payment]], Awaitable[None]]
"""Makes payments known as they are told; the same ones again change nothing."""


async def no_registry(payments: Sequence[Payment]) -> None:
    """A real provider knows its payments already."""
