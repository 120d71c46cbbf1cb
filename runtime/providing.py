"""The payment providers that the settings switch on."""

from contextlib import AsyncExitStack

from providers.registry import Providers
from providers.stripe.adapter import StripePayments
from runtime.settings import Settings

STRIPE = "stripe"
SANDBOX = "sandbox"
"""What a tender's `provider` says when its money went through Stripe, or the card sandbox."""

_TEST_KEY = "sk_test_sandbox"


def open_providers(stack: AsyncExitStack, settings: Settings) -> Providers:
    """Set up the providers. Nobody is asked anything yet; connections close with the stack."""
    by_name = {}
    if settings.stripe_api_key:
        by_name[STRIPE] = StripePayments(
            settings.stripe_api_key.get_secret_value(),
            secrets_of(settings.stripe_webhook_secret.get_secret_value()),
            api_base=settings.stripe_api_base,
            refund_application_fee=settings.stripe_refund_application_fee,
        )
    if settings.cards_url:
        secret = settings.cards_webhook_secret.get_secret_value()
        by_name[SANDBOX] = StripePayments(
            _TEST_KEY, secrets_of(secret), api_base=settings.cards_url
        )
    for provider in by_name.values():
        stack.push_async_callback(provider.close)
    return Providers(by_name)


def default_provider(settings: Settings) -> str:
    """Who has the payments of which nobody said through whom they went."""
    return STRIPE if settings.stripe_api_key else SANDBOX


def secrets_of(listed: str) -> tuple[str, ...]:
    """The secrets in a list with commas: two while one is being replaced by the other."""
    return tuple(secret for word in listed.split(",") if (secret := word.strip()))
