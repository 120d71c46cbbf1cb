"""Parts and sums as a policy writes them: 12.5%, 1/3, 25.00 EUR."""

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import total_ordering

from domain.money import Rounding, decimals, divide

_PERCENT = re.compile(r"(\d{1,4}(?:\.\d{1,4})?)\s*%")
_PART = re.compile(r"(\d{1,3})\s*/\s*([1-9]\d{0,2})")
_SUM = re.compile(r"(\d{1,12}(?:\.\d{1,4})?)\s*([A-Z]{3})|([A-Z]{3})\s*(\d{1,12}(?:\.\d{1,4})?)")


@total_ordering
@dataclass(frozen=True, slots=True)
class Part:
    """So much of a base: 1/2 is half of it. More than the whole is allowed here."""

    numerator: int
    denominator: int

    def __lt__(self, other: "Part") -> bool:
        return self.numerator * other.denominator < other.numerator * self.denominator

    def of(self, base: int, rounding: Rounding) -> int:
        """That part of an amount in minor units."""
        return divide(base * self.numerator, self.denominator, rounding)


@dataclass(frozen=True, slots=True)
class Sum:
    """A fixed amount in a currency's smallest unit."""

    minor: int
    currency: str


NOTHING = Part(0, 1)
EVERYTHING = Part(1, 1)


def read_part(value: object) -> Part:
    """Read "12.5%" or "1/3"; a bare number is a percentage, as settings give it."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        raise ValueError(f"{value!r} is no percentage; write 50% or 1/3")
    if isinstance(value, (int, float)):
        return _percent(str(value), value)
    text = value.strip()
    if match := _PART.fullmatch(text):
        part = Fraction(int(match[1]), int(match[2]))
        return Part(part.numerator, part.denominator)
    if match := _PERCENT.fullmatch(text):
        return _percent(match[1], value)
    raise ValueError(f"{value!r} is no percentage; write 50%, 12.5% or 1/3")


def read_sum(value: object) -> Sum:
    """Read "25.00 EUR"; the decimals must be those of the currency's smallest unit at most."""
    match = _SUM.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise ValueError(f"{value!r} is no amount of money; write 25.00 EUR")
    currency, figure = match[2] or match[3], match[1] or match[4]
    minor = Decimal(figure).scaleb(decimals(currency))
    if minor != minor.to_integral_value():
        raise ValueError(f"{value!r} has more decimals than {currency} has")
    return Sum(int(minor), currency)


def _percent(figure: str, value: object) -> Part:
    try:
        part = Fraction(Decimal(figure)) / 100
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError(f"{value!r} is no percentage") from None
    if not 0 <= part <= 100:
        raise ValueError(f"{value!r} is no percentage of a price")
    return Part(part.numerator, part.denominator)
