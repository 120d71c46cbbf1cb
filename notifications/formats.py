"""Amounts and moments as a reader of one language writes them."""

import copy
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from babel.numbers import NumberPattern

from domain.money import decimals


@lru_cache
def _pattern(locale: Locale, places: int) -> NumberPattern:
    pattern: NumberPattern = copy.copy(locale.currency_formats["standard"])
    pattern.frac_prec = (places, places)
    return pattern


@lru_cache(maxsize=4096)
def money(minor: int, currency: str, locale: Locale) -> str:
    """Write an exact amount, with all its decimals and its sign of currency.

    Babel's own table tells how prices are usually shown, which differs for a dozen currencies.
    """
    places = decimals(currency)
    amount = Decimal(minor).scaleb(-places)
    pattern = _pattern(locale, places)
    return str(pattern.apply(amount, locale, currency, currency_digits=False))


def zone_named(name: str | None) -> ZoneInfo | None:
    """The zone of this name; None where there is no name or no such zone."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, OSError, ValueError):
        return None


def clock(value: datetime, zone: ZoneInfo, locale: Locale) -> tuple[str, str]:
    """Write an instant's time of day in this zone, and the zone's name at that time of year."""
    local = value.astimezone(zone)
    time = format_time(local, "short", tzinfo=zone, locale=locale)
    return time, get_timezone_name(local, "long", locale=locale)


def day(value: date, locale: Locale) -> str:
    return format_date(value, "full", locale=locale)


def is_same_clock(value: datetime, zone: ZoneInfo, other: ZoneInfo) -> bool:
    """Whether clocks in both zones show the same at this instant."""
    return value.astimezone(zone).utcoffset() == value.astimezone(other).utcoffset()
