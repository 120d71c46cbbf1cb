"""How many decimals Stripe counts a currency in, and what it refuses to count.

Source: https://docs.stripe.com/currencies, sections on minor units, zero-decimal and three-decimal
currencies, and special cases. What isn't named there has two decimals.
"""

from domain.money import Money
from providers import currencies

_ZERO = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_THREE = "BHD JOD KWD OMR TND"
_OF_TWO_AND_WHOLE = "ISK UGX"
"""Without decimals, yet said with two, which must be 00: kept so for old integrations."""

EXPONENTS = (
    dict.fromkeys(_ZERO.split(), 0)
    | dict.fromkeys(_THREE.split(), 3)
    | dict.fromkeys(_OF_TWO_AND_WHOLE.split(), 2)
    | {"HUF": 2, "TWD": 2}
)
"""HUF and TWD are whole only for payouts to the merchant: payments and refunds have two."""

_STEPS = dict.fromkeys(_THREE.split(), 10)
"""Of three decimals the last must be 0, for the sake of Stripe's own partners."""


def exponent(currency: str) -> int:
    return EXPONENTS.get(currency, 2)


def step(currency: str) -> int:
    """The smallest refund, in our minor units; any refund is a multiple of it."""
    ours = currencies.smallest(currency, exponent(currency))
    return max(ours, _STEPS.get(currency, 1))


def to_units(amount: Money) -> int:
    """Count our amount as Stripe does. Raises NotRepresentable, never rounds."""
    if amount.minor % step(amount.currency):
        raise currencies.NotRepresentable(
            f"Stripe takes {amount.currency} in steps of {step(amount.currency)} minor units"
        )
    return currencies.to_units(amount, exponent(amount.currency))


def from_units(units: int, currency: str) -> Money:
    return currencies.from_units(units, currency.upper(), exponent(currency.upper()))
