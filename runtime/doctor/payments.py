"""The payment providers: whether they answer, and take our key."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

from domain.errors import ProviderUnavailable
from providers.ports import PaymentProvider
from runtime.doctor.findings import Finding, bounded, broken, fine
from runtime.providing import STRIPE, default_provider, open_providers
from runtime.settings import Settings

_UNSET = "No provider is set up, so no card can be paid back."
_SET_UP = "Start everything with `rescind up`, or set STRIPE_API_KEY or CARDS_URL."
_SANDBOX = "Look whether the card sandbox runs, and at CARDS_URL."
_STRIPE = "Look at STRIPE_API_KEY; it has to be able to read and write refunds and payments."


async def check(settings: Settings) -> Finding:
    """Ask the provider that new payments go through for its latest refund."""
    async with AsyncExitStack() as stack:
        providers = open_providers(stack, settings)
        name = default_provider(settings)
        if name not in providers.names:
            return broken("cards", _UNSET, _SET_UP)
        remedy = _STRIPE if name == STRIPE else _SANDBOX
        return await bounded("cards", _ask(providers.get(name), name, remedy), remedy)


async def _ask(provider: PaymentProvider, name: str, remedy: str) -> Finding:
    where = "Stripe" if name == STRIPE else "The card sandbox"
    try:
        async for _ in provider.listed(datetime.now(UTC)):
            break
    except ProviderUnavailable as error:
        return broken("cards", f"{where} gives no usable answer: {error}.", remedy)
    return fine("cards", f"{where} answers.")
