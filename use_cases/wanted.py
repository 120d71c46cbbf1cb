"""What is to be reserved for a subject now, and what of it is let go."""

from domain.lifecycle import SubjectState
from domain.records import Columns, Difference, Record
from storage.records import Kept
from storage.reservations import ReservationRow
from use_cases.views_of_orders import View


def only_viewed(reserved: dict[str, Columns], view: View | None) -> dict[str, Columns]:
    """Of an order's bookings the one of the line that is viewed; without a view all of them."""
    if view is None:
        return reserved
    return {line: booking for line, booking in reserved.items() if line == view.line}


def wanted_bookings(
    known: Record, told: Record, owner: Kept, view: View | None, is_over: bool
) -> dict[str, Columns]:
    """What is to be reserved now.

    Nothing changes once it is over. Of a line cancelled in part as many units are kept as we left
    it; a line that an appointment is a view of may leave its time to that.
    """
    if is_over or owner.row.cancellation_state is SubjectState.CANCELLED:
        return dict(known.bookings)
    bookings = dict(told.bookings)
    for line, cancelled in owner.cancelled.items():
        if not cancelled or line not in bookings:
            continue
        if line in known.bookings:
            bookings[line] = {**bookings[line], "units": known.bookings[line]["units"]}
        else:
            del bookings[line]
    lines = owner.lines.keys() if view else told.lines.keys()
    for line in owner.viewed & known.bookings.keys() & lines:
        bookings.setdefault(line, known.bookings[line])
    return bookings


def let_go(owner: Kept, change: Difference) -> list[ReservationRow]:
    lines = {*change.bookings.dropped, *change.bookings.changed}
    return [row for row in owner.reservations if row.line_id in lines]
