"""A subject in columns, as a report tells it and as we have it, and how the two differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Columns = Mapping[str, Any]


class Receipt(StrEnum):
    """What came of a report: the same one again is unchanged."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


WHEN = frozenset({"starts_at", "starts_on", "ends_at", "ends_on"})
SUBJECT_TERMS = frozenset({"zone", "placed_at", "promotions", *WHEN})
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


def booking(resource: str, starts_at: Any, ends_at: Any, units: int) -> Columns:
    """What is reserved for a line, in columns."""
    return {"resource_id": resource, "starts_at": starts_at, "ends_at": ends_at, "units": units}
