"""Exact amounts."""

from collections.abc import Iterable, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Self

from domain.errors import CurrencyMismatch
from domain.values import Currency, Value


class Rounding(StrEnum):
    """Where a fraction of the smallest unit goes. Amounts here are never negative."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


class Money(Value):
    """An exact amount in one currency.

    `minor` counts the currency's smallest unit: cents for EUR, yen for JPY.
    """

    minor: int
    currency: Currency

    @classmethod
    def zero(cls, currency: str) -> Self:
        return cls(minor=0, currency=currency)

    def plus(self, other: Self) -> Self:
        return self._with(self.minor + self._same(other))

    def minus(self, other: Self) -> Self:
        return self._with(self.minor - self._same(other))

    def at_most(self, other: Self) -> Self:
        return self._with(min(self.minor, self._same(other)))

    def at_least(self, other: Self) -> Self:
        return self._with(max(self.minor, self._same(other)))

    def share(self, basis_points: int, rounding: Rounding = Rounding.DOWN) -> Self:
        """Return part of the amount in whole minor units.

        `basis_points` is hundredths of a percent: 2_500 is 25 %.
        """
        return self._with(divide(self.minor * basis_points, 10_000, rounding))

    def split(self, weights: Sequence[int]) -> tuple[Self, ...]:
        """Share the amount by weight so that the parts add up exactly.

        Each part is rounded down; the units left over go one by one to the largest
        remainders, the earlier part winning a tie. All weights zero: equal parts.
        """
        return tuple(self._with(part) for part in split_minor(self.minor, weights))

    def _with(self, minor: int) -> Self:
        return type(self)(minor=minor, currency=self.currency)

    def _same(self, other: Self) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(self.currency, other.currency)
        return other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """Add amounts of one currency; none at all is zero."""
    result = Money.zero(currency)
    for amount in amounts:
        result = result.plus(amount)
    return result


def split_minor(minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share whole units by weight, largest remainder first. See `Money.split`."""
    if len(weights) <= 1:
        return (minor,) * len(weights)
    whole = sum(weights)
    if whole == 0:
        return split_minor(minor, [1] * len(weights))
    parts = [minor * weight // whole for weight in weights]
    remainders = [minor * weight % whole for weight in weights]
    order = sorted(range(len(weights)), key=lambda index: -remainders[index])
    for index in order[: minor - sum(parts)]:
        parts[index] += 1
    return tuple(parts)


def apportion(minor: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Share whole units by weight, each share rounded to the nearest, so that nobody's shrinks as
    the sum grows (Sainte-Laguë's divisors 1, 3, 5, ...).

    Largest remainders don't promise that. Units go one by one to the largest weight for the next
    divisor, the earlier winning a tie.
    """
    whole = sum(weights)
    if not whole:
        return split_minor(minor, weights)
    parts = [divide(minor * weight, whole, Rounding.HALF_UP) for weight in weights]
    places = range(len(parts))
    while (more := minor - sum(parts)) > 0:
        parts[max(places, key=lambda p: (Fraction(weights[p], 2 * parts[p] + 1), -p))] += 1
    for _ in range(-more):
        held = [p for p in places if parts[p]]
        parts[min(held, key=lambda p: (Fraction(weights[p], 2 * parts[p] - 1), -p))] -= 1
    return tuple(parts)


def divide(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Divide two whole numbers, the denominator positive, to a whole number."""
    quotient, rest = divmod(numerator, denominator)
    match rounding:
        case Rounding.DOWN:
            return quotient
        case Rounding.UP:
            return quotient + (rest > 0)
        case Rounding.HALF_UP:
            return quotient + (2 * rest >= denominator)
        case Rounding.HALF_EVEN:
            half = 2 * rest - denominator
            return quotient + (half > 0 or (half == 0 and quotient % 2 == 1))


_WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"
_DECIMALS = (
    dict.fromkeys(_WHOLE.split(), 0) | dict.fromkeys(_THOUSANDTHS.split(), 3) | {"CLF": 4, "UYW": 4}
)


def decimals(currency: str) -> int:
    """How many decimals the currency's smallest unit has, by ISO 4217."""
    return _DECIMALS.get(currency, 2)


def plain(minor: int, currency: str) -> str:
    """Write an amount for operators, the same everywhere: 243.40 EUR."""
    return f"{digits(minor, currency)} {currency}"


def digits(minor: int, currency: str) -> str:
    """Write an amount for machines, with the currency's decimals and a point: -243.40."""
    exponent = decimals(currency)
    sign, minor = "-" * (minor < 0), abs(minor)
    if exponent == 0:
        return f"{sign}{minor}"
    whole, part = divmod(minor, 10**exponent)
    return f"{sign}{whole}.{part:0{exponent}}"
