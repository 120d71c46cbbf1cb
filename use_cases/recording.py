"""One report after another, within one transaction: what it changes, and whether it may."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from domain.errors import InvalidRequest, LineNotFound, SubjectNotFound, TermsHeld
from domain.lifecycle import SubjectState
from domain.policy.horizon import windows
from domain.records import (
    Columns,
    Difference,
    Receipt,
    Record,
    check_currency,
    check_lines,
    check_tender,
    difference,
    record_of,
)
from domain.reports import AppointmentReport, PartOf, SubjectReport
from domain.subjects import Kind, SubjectRef
from storage import facts, subjects
from storage.records import Batch, Kept
from storage.reservations import ReservationRow
from use_cases.freezing import Policies
from use_cases.moves import find_move, remaining_names
from use_cases.reserving import Place, find_places

_FREE = (SubjectState.NONE, SubjectState.PARTLY_CANCELLED)


def involved(told: Iterable[tuple[SubjectRef, SubjectReport]]) -> set[SubjectRef]:
    """Every subject to be locked: those told of, and the orders they are part of."""
    found = set()
    for subject, report in told:
        found.add(subject)
        if part_of := _part_of(report):
            found.add(SubjectRef(kind=Kind.ORDER, id=part_of.order))
    return found


@dataclass(frozen=True)
class _View:
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


class Recorder:
    """Records reports on the subjects `kept`; what it raises has changed nothing."""

    def __init__(self, batch: Batch, kept: dict[SubjectRef, Kept], zone: str) -> None:
        self._batch = batch
        self._kept = kept
        self._zone = zone
        self._policies = Policies(batch.session)

    async def record(self, subject: SubjectRef, report: SubjectReport) -> Receipt:
        view = self._view(subject, report)
        told = record_of(subject, report, self._zone, view.columns if view else None)
        kept = self._kept.get(subject)
        if kept is None:
            await self._create(subject, report, told, view)
            return Receipt.CREATED
        changed = await self._change(kept, report, told, view)
        return Receipt.UPDATED if changed else Receipt.UNCHANGED

    async def _create(
        self, subject: SubjectRef, report: SubjectReport, told: Record, view: _View | None
    ) -> None:
        placed_at = report.placed_at or self._batch.at
        policy = await self._policies.choose(subject.kind, report.policy, placed_at)
        await self._policies.read(*policy)
        is_over = report.cancelled_elsewhere or (view is not None and view.is_over)
        reserved = view.order.bookings() if view else {}
        known = Record(subject=told.subject, lines={}, tenders={}, bookings=_only(reserved, view))
        told = replace(told, bookings=known.bookings if is_over else told.bookings)
        change = difference(known, told)
        if view:
            _check_hold(view.order, change)
            check_lines(change, view.order.cancelled, view.is_over, subject)
        places = await self._places(view.order if view else None, told, change)
        kept = self._batch.add(subject, told, _first_columns(told.subject, policy))
        self._kept[subject] = kept
        if view:
            view.order.viewed |= {view.line}
        await self._batch.apply(kept, change)
        self._reserve(view.order if view else kept, change, places)
        self._batch.record(kept, _FIRST[subject.kind], _first_data(told, policy))
        if report.cancelled_elsewhere:
            self._end(kept, view)
        await self._refresh(kept)

    async def _change(
        self, kept: Kept, report: SubjectReport, told: Record, view: _View | None
    ) -> bool:
        owner = view.order if view else kept
        if kept.row.order_id != (view.order.row.id if view else None):
            raise InvalidRequest(f"{kept.row.subject}: part_of stays as it was first told")
        check_currency(kept.row.currency, report.currency)
        known = replace(kept.record(told), bookings=_only(owner.bookings(), view))
        is_over = _is_over(kept, report) or (view is not None and view.is_over)
        told = replace(told, bookings=_bookings(known, told, owner, is_over))
        change = difference(known, told)
        self._check(kept, owner, change, told, view)
        ends = _is_over(kept, report) and _is_news(kept)
        if not change and not ends:
            return False
        await self._policies.read(kept.row.policy_id, kept.row.policy_version)
        places = await self._places(owner, told, change)
        await self._tell(kept, change, places, owner)
        if ends:
            self._end(kept, view)
        await self._refresh(kept)
        return True

    def _check(
        self, kept: Kept, owner: Kept, change: Difference, told: Record, view: _View | None
    ) -> None:
        is_over = view.is_over if view else kept.is_over
        check_lines(change, owner.cancelled, is_over, kept.row.subject)
        for id_, row in kept.tenders.items():
            check_tender(told.tenders.get(id_), row.pending_minor, row.returned_minor, id_)
        _check_hold(owner, change)

    async def _tell(self, kept: Kept, change: Difference, places: list[Place], owner: Kept) -> None:
        """Make the change and record what it was."""
        row, stage = kept.row, kept.row.stage
        move = find_move(kept, change)
        await self._batch.apply(kept, change)
        self._reserve(owner, change, places)
        if row.original_starts_at is None and row.original_starts_on is None:
            row.original_starts_at, row.original_starts_on = row.starts_at, row.starts_on
        if move:
            row.reschedules += 1
            row.reminded_at = None
            self._batch.record(kept, "rescheduled", move)
        if row.stage != stage:
            data = {"from": stage, "to": row.stage}
            self._batch.record(kept, "stage_changed", data)
        if names := remaining_names(change, bool(move)):
            self._batch.record(kept, "changed", {"what": names})

    async def _places(self, owner: Kept | None, told: Record, change: Difference) -> list[Place]:
        wanted = {
            line: told.bookings[line]
            for line in sorted({*change.bookings.added, *change.bookings.changed})
        }
        own = _let_go(owner, change) if owner else []
        return await find_places(self._batch, wanted, [row.id for row in own])

    def _reserve(self, owner: Kept, change: Difference, places: list[Place]) -> None:
        self._batch.release(owner, _let_go(owner, change))
        rows = [place.reserve(owner.row.id, self._batch) for place in places]
        self._batch.reserve(owner, rows)

    def _end(self, kept: Kept, view: _View | None) -> None:
        """It came to an end without us. While something works on it that is only noted."""
        owner = view.order if view else kept
        is_noted = owner.hold is not None or kept.row.cancellation_state not in _FREE
        kept.row.cancelled_elsewhere_at = kept.row.cancelled_elsewhere_at or self._batch.at
        if not is_noted:
            subjects.move(kept.row, SubjectState.CANCELLED, self._batch.at)
            rows = owner.reserved_for(view.line) if view else owner.reservations
            self._batch.release(owner, rows)
        self._batch.record(kept, "cancelled_elsewhere", {"only_noted": is_noted})

    async def _refresh(self, kept: Kept) -> None:
        """Work the windows out again; one that lies ahead once more is open again."""
        row, at = kept.row, self._batch.at
        policy, settings = await self._policies.read(row.policy_id, row.policy_version)
        lines, paid = list(kept.lines.values()), list(kept.tenders.values())
        found = windows(policy, facts.build(row, lines, paid, settings), at)
        row.cancellable_until, row.terms_change_at = found
        lies_ahead = found.cancellable_until is None or found.cancellable_until > at
        if row.window_closed_at and lies_ahead and row.cancellation_state in _FREE:
            row.window_closed_at = None
            self._batch.record(kept, "window_reopened", {})

    def _view(self, subject: SubjectRef, report: SubjectReport) -> _View | None:
        part_of = _part_of(report)
        if part_of is None:
            return None
        order = self._kept.get(SubjectRef(kind=Kind.ORDER, id=part_of.order))
        if order is None:
            raise SubjectNotFound(f"there is no order {part_of.order} for {subject} to be part of")
        if part_of.line not in order.lines:
            raise LineNotFound(f"order {part_of.order} has no line {part_of.line}")
        return _View(order, part_of.line)


_FIRST = {Kind.ORDER: "placed", Kind.APPOINTMENT: "booked"}


def _part_of(report: SubjectReport) -> PartOf | None:
    return report.part_of if isinstance(report, AppointmentReport) else None


def _first_columns(told: Columns, policy: tuple[str, int]) -> Columns:
    return {
        "policy_id": policy[0],
        "policy_version": policy[1],
        "original_starts_at": told["starts_at"],
        "original_starts_on": told["starts_on"],
    }


def _first_data(told: Record, policy: tuple[str, int]) -> dict[str, Any]:
    return {
        "policy": policy[0],
        "policy_version": policy[1],
        "stage": told.subject["stage"],
        "lines": len(told.lines),
        "captured_minor": sum(tender["captured_minor"] for tender in told.tenders.values()),
        "currency": told.subject["currency"],
    }


def _only(reserved: dict[str, Columns], view: _View | None) -> dict[str, Columns]:
    """Of an order's bookings the one of the line that is viewed; without a view all of them."""
    if view is None:
        return reserved
    return {line: booking for line, booking in reserved.items() if line == view.line}


def _bookings(known: Record, told: Record, owner: Kept, is_over: bool) -> dict[str, Columns]:
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
    for line in owner.viewed & known.bookings.keys():
        bookings.setdefault(line, known.bookings[line])
    return bookings


def _is_over(kept: Kept, report: SubjectReport) -> bool:
    """Whether it ended elsewhere, as told now or before."""
    return report.cancelled_elsewhere or kept.row.cancelled_elsewhere_at is not None


def _is_news(kept: Kept) -> bool:
    """Whether an end elsewhere is still to be noted, or to count now that nothing works on it."""
    if kept.row.cancellation_state is SubjectState.CANCELLED:
        return False
    return kept.row.cancelled_elsewhere_at is None or kept.hold is None


def _let_go(owner: Kept, change: Difference) -> list[ReservationRow]:
    lines = {*change.bookings.dropped, *change.bookings.changed}
    return [row for row in owner.reservations if row.line_id in lines]


def _check_hold(owner: Kept, change: Difference) -> None:
    if owner.is_held_exclusively and change.touches_terms:
        holder = owner.hold.holder_id if owner.hold else None
        raise TermsHeld(
            f"{owner.row.subject} is being cancelled: its terms can't change right now",
            cancellation_id=str(holder),
        )
