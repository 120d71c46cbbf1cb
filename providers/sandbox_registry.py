"""Telling the card sandbox of the payments that merchants report."""

from collections.abc import Awaitable, Callable, Sequence

from domain.money import Money
from domain.reports import Payment
from providers.sandbox_cards import NAME, SandboxCards


def registry(cards: SandboxCards) -> Callable[[Sequence[Payment]], Awaitable[None]]:
    """Make what was captured, less what went back elsewhere, and what is held known to `cards`.

    The same payments again change nothing; another provider's payments are not its business.
    """

    async def register(payments: Sequence[Payment]) -> None:
        ours = [payment for payment in payments if payment.provider == NAME]
        captured = [(payment.payment_ref, _captured(payment)) for payment in ours]
        if captured := [(ref, amount) for ref, amount in captured if amount.minor > 0]:
            await cards.register_all(captured)
        if held := [each for each in ours if not each.captured_minor and each.authorised_minor]:
            await cards.hold_all(
                [
                    (each.payment_ref, Money(minor=each.authorised_minor, currency=each.currency))
                    for each in held
                ]
            )

    return register


def _captured(payment: Payment) -> Money:
    left = payment.captured_minor - payment.returned_elsewhere_minor
    return Money(minor=left, currency=payment.currency)
