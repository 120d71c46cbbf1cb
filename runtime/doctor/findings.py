"""What the doctor says of one thing it looked at."""

import asyncio
from collections.abc import Awaitable
from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

PATIENCE = 5.0
"""Seconds for one check, unless it asks for more. A part that hangs costs no more than that."""


class Level(StrEnum):
    """A warning wants a look some time; what is unchecked stands behind something broken."""

    FINE = "fine"
    WARNING = "warning"
    BROKEN = "broken"
    UNCHECKED = "unchecked"


class Finding(NamedTuple):
    """`says` is what was found, `remedy` what to do about it. Neither ever holds a secret."""

    check: str
    level: Level
    says: str
    remedy: str = ""


def fine(check: str, says: str) -> Finding:
    return Finding(check, Level.FINE, says)


def warning(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, Level.WARNING, says, remedy)


def broken(check: str, says: str, remedy: str) -> Finding:
    return Finding(check, Level.BROKEN, says, remedy)


def unchecked(check: str, behind: str) -> Finding:
    return Finding(check, Level.UNCHECKED, f"Not looked at, because of the {behind}.")


async def bounded(
    check: str, looking: Awaitable[Finding], remedy: str, patience: float = PATIENCE
) -> Finding:
    """Wait for a check so long. Silence, and errors it does not know itself, are broken."""
    try:
        async with asyncio.timeout(patience):
            return await looking
    except TimeoutError:
        return broken(check, f"No answer within {patience:.0f} seconds.", remedy)
    except Exception as error:
        return broken(check, f"{type(error).__name__}: {first_line(error)}.", remedy)


def first_line(error: BaseException) -> str:
    """The beginning of an error's own words."""
    return next(iter(str(error).splitlines()), "")[:200]


def counted(number: int, one: str, many: str = "") -> str:
    """Write a number with its noun."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def ago(span: timedelta) -> str:
    """How long, in the unit that fits."""
    if span < timedelta(minutes=2):
        return counted(max(0, round(span.total_seconds())), "second")
    if span < timedelta(hours=2):
        return counted(round(span / timedelta(minutes=1)), "minute")
    return counted(round(span / timedelta(hours=1)), "hour")
