"""What stands against a report, and whether it moves something."""

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from domain.errors import CancelledLineChanged, CapturedBelowReturned, CurrencyMismatch
from domain.records import WHEN, Columns, Difference
from domain.subjects import SubjectRef


def is_move(zone: str, before: datetime | date | None, after: datetime | date | None) -> bool:
    """Whether a start was moved: told for the first time, or its hour to a known day, is none."""
    if before is None or after is None or before == after:
        return False
    if isinstance(before, datetime) is isinstance(after, datetime):
        return True
    return _day(zone, before) != _day(zone, after)


def _day(zone: str, moment: datetime | date) -> date:
    return moment.astimezone(ZoneInfo(zone)).date() if isinstance(moment, datetime) else moment


def check_currency(known: str, told: str) -> None:
    """A purchase keeps the currency it was made in."""
    if told != known:
        raise CurrencyMismatch(known, told)


def check_lines(
    difference: Difference, cancelled: Mapping[str, int], is_over: bool, subject: SubjectRef
) -> None:
    """Refuse a change of a line of which something is cancelled, and of terms after the end.

    `cancelled` is how many of each line are; `is_over` that we cancelled the whole subject.
    Raises CancelledLineChanged.
    """
    for line in sorted(difference.changed_lines):
        if cancelled.get(line, 0):
            raise CancelledLineChanged(f"line {line} of {subject} is cancelled and can't change")
    if is_over and (difference.lines.added or difference.subject.keys() & WHEN):
        raise CancelledLineChanged(f"{subject} is cancelled: no new lines and no other time")


def check_tender(told: Columns | None, pending: int, returned: int, name: str) -> None:
    """Refuse captured money below what goes or went back. Raises CapturedBelowReturned."""
    captured = told["captured_minor"] if told else 0
    elsewhere = told["returned_elsewhere_minor"] if told else 0
    if captured < pending + returned + elsewhere:
        raise CapturedBelowReturned(
            f"tender {name}: {captured} captured is less than the"
            f" {pending + returned + elsewhere} that went back or is on its way"
        )
