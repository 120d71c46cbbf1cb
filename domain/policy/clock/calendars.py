"""Which days are business days: the working week, public holidays, and the closing days."""

from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, PlainSerializer

from domain.policy.clock.spans import WEEKDAYS
from domain.values import Value

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_DAY = timedelta(days=1)


def _known(region: str) -> str:
    country, _, part = region.partition("-")
    parts = _regions().get(country)
    if parts is None:
        raise ValueError(f'no public holidays are known for {country!r}; write "US" or "DE-BY"')
    if "-" in region and part not in parts:
        raise ValueError(f"{country} has no part {part!r}; those known are {', '.join(parts)}")
    return region


Region = Annotated[str, Field(max_length=20), AfterValidator(_known)]
"""Whose public holidays: an ISO 3166 country, or one with its subdivision, such as DE-BY."""

Days = Annotated[
    frozenset[date], Field(max_length=1_000), PlainSerializer(sorted, return_type=list[date])
]


class Calendar(Value):
    """The business days of a place. `closed` are the merchant's own closing days."""

    workdays: tuple[Weekday, ...] = Field(("mon", "tue", "wed", "thu", "fri"), min_length=1)
    holidays: Region | None = None
    closed: Days = frozenset()

    def is_open(self, day: date) -> bool:
        """Whether this is a business day."""
        if WEEKDAYS[day.weekday()] not in self.workdays or day in self.closed:
            return False
        return self.holidays is None or day not in _public_holidays(self.holidays, day.year)

    def add(self, day: date, count: int) -> date:
        """The `count`th business day after this day, which itself doesn't count.

        With 0 it is this day, or the next business day if it is none.
        """
        return self._walk(day, count, _DAY)

    def subtract(self, day: date, count: int) -> date:
        """The `count`th business day before this day, which itself doesn't count.

        With 0 it is this day, or the last business day before if it is none.
        """
        return self._walk(day, count, -_DAY)

    def with_closed(self, dates: Iterable[date | str]) -> Self:
        """Close on more days, such as those in a merchant's setting. Raises ValueError where one
        is no date."""
        more = frozenset(dates)
        if not more:
            return self
        return type(self).model_validate({**self.__dict__, "closed": self.closed | more})

    def _walk(self, day: date, count: int, step: timedelta) -> date:
        if count == 0 and not self.is_open(day):
            count = 1
        while count > 0:
            day += step
            count -= self.is_open(day)
        return day


@lru_cache(maxsize=1_024)
def _public_holidays(region: str, year: int) -> frozenset[date]:
    from holidays import country_holidays

    country, _, part = region.partition("-")
    return frozenset(country_holidays(country, subdiv=part or None, years=year))


@lru_cache(maxsize=1)
def _regions() -> dict[str, list[str]]:
    from holidays import list_supported_countries

    return list_supported_countries(include_aliases=False)
