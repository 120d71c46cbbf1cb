"""By when money that goes back can be expected, and when a deadline has to be spoken of."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.policy.clock.calendars import Calendar

_BANKS = Calendar()
"""Banks rest on Saturdays and Sundays. Their holidays differ by country and are left out."""

_DAY = timedelta(days=1)


def expected_by(
    at: datetime, zone: str, business_days: int | None, timing: str | None
) -> date | None:
    """The civil day at the place by which money sent at this instant should have arrived.

    `business_days` is the provider's word; without one the timing's code counts, such as
    business_days_5_7 or days_14. None: nobody says.
    """
    day = day_at(at, zone)
    if business_days is not None:
        return _BANKS.add(day, business_days)
    if timing is None:
        return None
    numbers = [int(number) for number in re.findall(r"\d{1,3}", timing)]
    if "immediate" in timing:
        return day
    if not numbers:
        return None
    if "business_days" in timing:
        return _BANKS.add(day, numbers[-1])
    if "hours" in timing:
        return day_at(at + timedelta(hours=numbers[-1]), zone)
    return day + numbers[-1] * _DAY if "days" in timing else None


def day_at(at: datetime, zone: str) -> date:
    """The civil day at the place."""
    return at.astimezone(ZoneInfo(zone)).date()


def warn_at(owed_since: datetime, due_by: datetime) -> datetime:
    """When to tell a person that a deadline nears: a fifth of the time before it and at least a
    day, but never in the first half."""
    whole = due_by - owed_since
    return due_by - min(max(_DAY, whole / 5), whole / 2)
