"""A report in the columns that keep it."""

from collections.abc import Sequence
from datetime import date, datetime

from domain.records import Columns, Record, booking
from domain.reports import AppointmentReport, ReportedLine, ReportedTender, SubjectReport, part_id
from domain.subjects import Handling, Kind, LineKind, SubjectRef


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
        "promotions": [
            each.model_dump(mode="json", exclude_defaults=True) for each in report.promotions
        ],
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
        "tax_included_minor": line.tax_included,
        **moment_columns("starts", line.starts_at),
        **moment_columns("ends", line.ends_at),
        "kind": line.kind or (LineKind.SERVICE if line.resource else default),
        "position": place,
    }


def _tender(tender: ReportedTender, place: int) -> Columns:
    """What was captured of a card that is only held was held, whatever else is told."""
    held = tender.captured_minor if tender.handled is Handling.HELD else 0
    return {
        **tender.model_dump(exclude={"id", "handling", "provider"}),
        "authorised_minor": max(tender.authorised_minor, held),
        "handling": tender.handled,
        "provider": tender.held_by,
        "position": place,
    }
