"""Decimals of currencies, ours and a provider's, and exact conversion between the two."""

from domain.errors import RescindError
from domain.money import Money, decimals


class NotRepresentable(RescindError):
    """An amount has decimals that the other side doesn't count."""

    code = "amount_not_representable"


def to_units(amount: Money, exponent: int) -> int:
    """Count our amount in units of that many decimals. Raises NotRepresentable, never rounds."""
    return _scaled(amount.minor, decimals(amount.currency), exponent, amount.currency)


def from_units(units: int, currency: str, exponent: int) -> Money:
    minor = _scaled(units, exponent, decimals(currency), currency)
    return Money(minor=minor, currency=currency)


def smallest(currency: str, exponent: int) -> int:
    """The smallest amount, in our minor units, that both sides can say."""
    return int(10 ** max(0, decimals(currency) - exponent))


def _scaled(count: int, before: int, after: int, currency: str) -> int:
    scaled, rest = divmod(count * 10**after, 10**before)
    if rest:
        raise NotRepresentable(f"{count} of {currency} needs more than {after} decimals")
    return int(scaled)
