"""Up to which amount one person may act alone."""

import re
from collections.abc import Mapping
from decimal import Decimal

from domain.money import decimals
from domain.values import Currency, Minor, Value

_PART = re.compile(r"(\d{1,12}(?:\.\d{1,4})?)\s*([A-Z]{3})", re.ASCII)
_USUAL = "100 EUR, 100 USD, 100 GBP, 100 CHF, 15000 JPY, 30 KWD, 40000 HUF"


class Limits(Value):
    """The greatest amount in each currency, itself included. A currency that isn't named has none:
    every amount of it takes a second person."""

    most: Mapping[Currency, Minor] = {}

    def allow(self, amount_minor: int, currency: str) -> bool:
        return amount_minor <= self.most.get(currency, 0)


def parse_limits(text: str) -> Limits:
    """Read amounts such as `100 EUR, 15000 JPY`; no text allows nothing. Raises ValueError."""
    most = {}
    for part in filter(None, (each.strip() for each in text.split(","))):
        found = _PART.fullmatch(part)
        if found is None:
            raise ValueError(f"{part!r} is no amount: write it like 100 EUR, 15000 JPY")
        amount, currency = found.groups()
        minor = Decimal(amount).scaleb(decimals(currency))
        if minor != int(minor):
            raise ValueError(f"{part!r}: {currency} has {decimals(currency)} decimals")
        most[currency] = int(minor)
    return Limits(most=most)


USUAL = parse_limits(_USUAL)
