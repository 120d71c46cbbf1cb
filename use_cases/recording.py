"""One report after another, within one transaction: what it changes, and whether it may."""

from dataclasses import replace
from functools import partial
from typing import Any

from domain.errors import InvalidRequest, TermsHeld
from domain.lifecycle import SubjectState
from domain.policy.rights.best import windows_best
from domain.record_rules import check_currency, check_lines, check_tender
from domain.records import (
    Columns,
    Difference,
    Receipt,
    Record,
    difference,
)
from domain.reports import SubjectReport
from domain.subjects import Kind, SubjectRef
from domain.told import record_of
from storage import facts, rights, subjects
from storage.records import Batch, Kept
from use_cases.freezing import Policies
from use_cases.moves import find_move, remaining_names
from use_cases.reserving import Place, find_places
from use_cases.views_of_orders import View, view_of
from use_cases.wanted import let_go, only_viewed, wanted_bookings

_FREE = (SubjectState.NONE, SubjectState.PARTLY_CANCELLED)


class Recorder:
    """Records reports on the subjects `kept`; what it raises has changed nothing."""

    def __init__(self, batch: Batch, kept: dict[SubjectRef, Kept], zone: str) -> None:
        self._batch = batch
        self._kept = kept
        self._zone = zone
        self._policies = Policies(batch.session)

    async def record(self, subject: SubjectRef, report: SubjectReport) -> Receipt:
        view = view_of(subject, report, self._kept)
        kept = self._kept.get(subject)
        zone = kept.row.zone if kept else self._zone
        told = record_of(subject, report, zone, view.columns if view else None)
        if kept is None:
            await self._create(subject, report, told, view)
            return Receipt.CREATED
        changed = await self._change(kept, report, told, view)
        return Receipt.UPDATED if changed else Receipt.UNCHANGED

    async def _create(
        self, subject: SubjectRef, report: SubjectReport, told: Record, view: View | None
    ) -> None:
        placed_at = report.placed_at or self._batch.at
        first = partial(facts.first_told, subject, told, placed_at)
        policy = await self._policies.choose(subject.kind, report.policy, placed_at, first)
        await self._policies.read(*policy)
        is_over = report.cancelled_elsewhere or (view is not None and view.is_over)
        bookings = only_viewed(view.order.bookings() if view else {}, view)
        known = Record(subject=told.subject, lines={}, tenders={}, bookings=bookings)
        told = replace(told, bookings=bookings if is_over else told.bookings)
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
        self, kept: Kept, report: SubjectReport, told: Record, view: View | None
    ) -> bool:
        owner = view.order if view else kept
        if kept.row.order_id != (view.order.row.id if view else None):
            raise InvalidRequest(f"{kept.row.subject}: part_of stays as it was first told")
        check_currency(kept.row.currency, report.currency)
        told = kept.with_settled_holds(told)
        known = replace(kept.record(told), bookings=only_viewed(owner.bookings(), view))
        is_over = _is_over(kept, report) or (view is not None and view.is_over)
        told = replace(told, bookings=wanted_bookings(known, told, owner, view, is_over))
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
        self, kept: Kept, owner: Kept, change: Difference, told: Record, view: View | None
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
        own = let_go(owner, change) if owner else []
        return await find_places(self._batch, wanted, [row.id for row in own])

    def _reserve(self, owner: Kept, change: Difference, places: list[Place]) -> None:
        self._batch.release(owner, let_go(owner, change))
        rows = [place.reserve(owner.row.id, self._batch) for place in places]
        self._batch.reserve(owner, rows)

    def _end(self, kept: Kept, view: View | None) -> None:
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
        known = await self._policies.rights(row.policy_id, row.policy_version, at)
        _, settings = await self._policies.read(row.policy_id, row.policy_version)
        lines, paid = list(kept.lines.values()), list(kept.tenders.values())
        if known.laws and any(kept.cancelled.values()):
            known = known._replace(gone=await rights.gone_by_law(self._batch.session, row.id))
        found = windows_best(known, facts.build(row, lines, paid, settings), at)
        row.cancellable_until, row.terms_change_at = found
        lies_ahead = found.cancellable_until is None or found.cancellable_until > at
        if row.window_closed_at and lies_ahead and row.cancellation_state in _FREE:
            row.window_closed_at = None
            self._batch.record(kept, "window_reopened", {})


_FIRST = {Kind.ORDER: "placed", Kind.APPOINTMENT: "booked"}


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


def _is_over(kept: Kept, report: SubjectReport) -> bool:
    """Whether it ended elsewhere, as told now or before."""
    return report.cancelled_elsewhere or kept.row.cancelled_elsewhere_at is not None


def _is_news(kept: Kept) -> bool:
    """Whether an end elsewhere is still to be noted, or to count now that nothing works on it."""
    if kept.row.cancellation_state is SubjectState.CANCELLED:
        return False
    return kept.row.cancelled_elsewhere_at is None or kept.hold is None


def _check_hold(owner: Kept, change: Difference) -> None:
    if owner.is_held_exclusively and change.touches_terms:
        holder = owner.hold.holder_id if owner.hold else None
        raise TermsHeld(
            f"{owner.row.subject} is being cancelled: its terms can't change right now",
            cancellation_id=str(holder),
        )
