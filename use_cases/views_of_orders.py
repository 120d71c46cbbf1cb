"""Appointments that are views of a line of an order."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from domain.errors import LineNotFound, SubjectNotFound
from domain.records import Columns
from domain.reports import AppointmentReport, PartOf, SubjectReport
from domain.subjects import Kind, SubjectRef
from storage.records import Kept


@dataclass(frozen=True)
class View:
    """The order, and the line of it, that an appointment is part of."""

    order: Kept
    line: str

    @property
    def columns(self) -> Columns:
        return {"order_id": self.order.row.id, "order_line_id": self.line}

    @property
    def is_over(self) -> bool:
        line = self.order.lines[self.line]
        return line.quantity_cancelled == line.quantity or self.order.is_over


def involved(told: Iterable[tuple[SubjectRef, SubjectReport]]) -> set[SubjectRef]:
    """Every subject to be locked: those told of, and the orders they are part of."""
    found = set()
    for subject, report in told:
        found.add(subject)
        if named := part_of(report):
            found.add(SubjectRef(kind=Kind.ORDER, id=named.order))
    return found


def view_of(
    subject: SubjectRef, report: SubjectReport, kept: Mapping[SubjectRef, Kept]
) -> View | None:
    """Find the order among those that are locked. Raises SubjectNotFound, LineNotFound."""
    named = part_of(report)
    if named is None:
        return None
    order = kept.get(SubjectRef(kind=Kind.ORDER, id=named.order))
    if order is None:
        raise SubjectNotFound(f"there is no order {named.order} for {subject} to be part of")
    if named.line not in order.lines:
        raise LineNotFound(f"order {named.order} has no line {named.line}")
    return View(order, named.line)


def part_of(report: SubjectReport) -> PartOf | None:
    return report.part_of if isinstance(report, AppointmentReport) else None
