"""A subject in columns, as a report tells it and as we have it, and how the two differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain.errors import CancelledLineChanged, CapturedBelowReturned, CurrencyMismatch
from domain.reports import AppointmentReport, ReportedLine, ReportedTender, SubjectReport, part_id
from domain.subjects import Kind, LineKind, SubjectRef

Columns = Mapping[str, Any]


class Receipt(StrEnum):
    """What came of a report: the same one again is unchanged."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


WHEN = frozenset({"starts_at", "starts_on", "ends_at", "ends_on"})
SUBJECT_TERMS = frozenset({"zone", "placed_at", *WHEN})
LINE_FACTS = frozenset({"position", "title", "status", "person", "attributes"})
TENDER_FACTS = frozenset({"position", "returned_elsewhere_minor"})


@dataclass(frozen=True)
class Parts:
    """Lines, tenders or bookings by id; a booking has the id of its line."""

    added: Mapping[str, Columns] = field(default_factory=dict)
    changed: Mapping[str, Columns] = field(default_factory=dict)
    dropped: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.added or self.changed or self.dropped)

    def terms(self, facts: frozenset[str]) -> frozenset[str]:
        """The ids whose terms differ: all that came or went, and changes of more than facts."""
        changed = {id_ for id_, columns in self.changed.items() if columns.keys() - facts}
        return frozenset(self.added) | changed | self.dropped


@dataclass(frozen=True)
class Record:
    """All that a report can tell, in the columns that keep it."""

    subject: Columns
    lines: Mapping[str, Columns]
    tenders: Mapping[str, Columns]
    bookings: Mapping[str, Columns]


@dataclass(frozen=True)
class Difference:
    """What a report changes, with the new values."""

    subject: Columns
    lines: Parts
    tenders: Parts
    bookings: Parts

    def __bool__(self) -> bool:
        return bool(self.subject or self.lines or self.tenders or self.bookings)

    @property
    def changed_lines(self) -> frozenset[str]:
        """The lines whose terms change, their time and resource among them."""
        return self.lines.terms(LINE_FACTS) | self.bookings.terms(frozenset())

    @property
    def touches_terms(self) -> bool:
        tenders = self.tenders.terms(TENDER_FACTS)
        return bool(self.changed_lines or tenders or self.subject.keys() & SUBJECT_TERMS)

    @property
    def names(self) -> list[str]:
        """What changed, in a report's words: columns that belong together are one name."""
        names = {_NAMES.get(column, column) for column in self.subject}
        parts = (("lines", self.lines), ("tenders", self.tenders), ("reservations", self.bookings))
        return sorted(names | {name for name, part in parts if part})


_NAMES = {
    "starts_on": "starts_at",
    "ends_on": "ends_at",
    "order_id": "part_of",
    "order_line_id": "part_of",
} | {
    f"customer_{name}": "customer"
    for name in ("ref", "name", "email", "language", "zone", "counters")
}


def difference(known: Record, told: Record) -> Difference:
    subject = {name: value for name, value in told.subject.items() if known.subject[name] != value}
    return Difference(
        subject=subject,
        lines=_parts(known.lines, told.lines),
        tenders=_parts(known.tenders, told.tenders),
        bookings=_parts(known.bookings, told.bookings),
    )


def _parts(known: Mapping[str, Columns], told: Mapping[str, Columns]) -> Parts:
    changed = {}
    for id_ in told.keys() & known.keys():
        columns = {name: value for name, value in told[id_].items() if known[id_][name] != value}
        if columns:
            changed[id_] = columns
    return Parts(
        added={id_: columns for id_, columns in told.items() if id_ not in known},
        changed=changed,
        dropped=frozenset(known.keys() - told.keys()),
    )


def record_of(
    subject: SubjectRef, report: SubjectReport, zone: str, order: Columns | None = None
) -> Record:
    """Read a report. `zone` is the business's own; `order` names the order of a part_of."""
    columns = {
        **report.model_dump(include=_PLAIN),
        **moment_columns("starts", report.starts_at),
        **moment_columns("ends", report.ends_at),
        **{f"customer_{name}": value for name, value in _customer(report).items()},
        **(order or {"order_id": None, "order_line_id": None}),
        "zone": report.zone or zone,
    }
    lines = reported_lines(report)
    default = LineKind.GOODS if subject.kind is Kind.ORDER else LineKind.SERVICE
    return Record(
        subject=columns,
        lines={
            part_id(line, place): _line(line, place, default) for place, line in enumerate(lines, 1)
        },
        tenders={
            part_id(tender, place): _tender(tender, place)
            for place, tender in enumerate(report.tenders, 1)
        },
        bookings=_bookings(report, lines),
    )


_PLAIN = {
    *("stage", "currency", "placed_at", "delivered_at", "channel", "brand", "place"),
    *("attributes", "consents"),
}


def reported_lines(report: SubjectReport) -> Sequence[ReportedLine]:
    """The lines, or the one line that an appointment without any has for its resource."""
    if not isinstance(report, AppointmentReport) or report.lines or report.part_of:
        return report.lines
    if not report.resource:
        return ()
    times = {"starts_at": report.starts_at, "ends_at": report.ends_at}
    return (ReportedLine(resource=report.resource, units=report.units, **times),)


def _bookings(report: SubjectReport, lines: Sequence[ReportedLine]) -> dict[str, Columns]:
    """What is reserved for each line; that of a part_of is reserved for the order's line."""
    bookings = {
        part_id(line, place): booking(
            line.resource, line.starts_at, line.ends_at, line.units or line.quantity
        )
        for place, line in enumerate(lines, 1)
        if line.resource
    }
    if isinstance(report, AppointmentReport) and report.part_of and report.resource:
        bookings[report.part_of.line] = booking(
            report.resource, report.starts_at, report.ends_at, report.units or 1
        )
    return bookings


def booking(resource: str, starts_at: Any, ends_at: Any, units: int) -> Columns:
    return {"resource_id": resource, "starts_at": starts_at, "ends_at": ends_at, "units": units}


def moment_columns(name: str, moment: datetime | date | None) -> Columns:
    """An instant and a civil date have a column each, and at most one is set."""
    is_instant = isinstance(moment, datetime)
    return {
        f"{name}_at": moment if is_instant else None,
        f"{name}_on": None if is_instant else moment,
    }


def _customer(report: SubjectReport) -> Columns:
    customer = report.customer.model_dump(exclude={"counters"})
    return customer | {"counters": report.customer.counters.model_dump(exclude_defaults=True)}


def _line(line: ReportedLine, place: int, default: LineKind) -> Columns:
    return {
        **line.model_dump(exclude={"id", "kind", "starts_at", "ends_at", "resource", "units"}),
        **moment_columns("starts", line.starts_at),
        **moment_columns("ends", line.ends_at),
        "kind": line.kind or default,
        "position": place,
    }


def _tender(tender: ReportedTender, place: int) -> Columns:
    return {
        **tender.model_dump(exclude={"id", "handling", "provider"}),
        "handling": tender.handled,
        "provider": tender.held_by,
        "position": place,
    }


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
