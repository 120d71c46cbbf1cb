"""What a run needs to know of a decision: which steps apply, how long to wait, what to ask back."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession

from domain.contracts import AskWarehouse, Cause, PlannedRefund, Verdict
from domain.decisions import Decision, Outcome, RefundRule
from domain.facts import Facts
from domain.ids import refund_id
from domain.refunds import handling_of
from domain.subjects import Handling, LineKind
from domain.values import Moment
from domain.waits import approval_deadline, undo_until
from storage import reservations, stock
from storage.requests import RequestRow

DEFAULT_APPROVAL = timedelta(days=2)
"""How long a person has where the policy names no time."""


async def verdict_of(
    session: AsyncSession, decision: Decision, facts: Facts, asked: RequestRow, now: datetime
) -> Verdict:
    """Choose the steps for a decision that allows the cancellation, or may yet."""
    lines = {line.id for line in decision.lines}
    back = {line.id for line in decision.lines if line.restock}
    return Verdict(
        outcome=decision.outcome,
        codes=tuple(finding.code for finding in decision.codes),
        release=not lines.isdisjoint(await reservations.lines_held(session, asked.subject_id)),
        restock=await _has_stock(session, facts, back),
        warehouse=_warehouse(decision),
        refunds=provider_refunds(decision, asked),
        on_refused=decision.on_refused,
        approval_until=_approval_until(decision, facts, asked, now),
        approve_by_default=_approves_by_default(decision),
        undo_until=_undo_until(decision, asked, now),
        refund_minor=decision.refund_minor,
        fee_minor=decision.fee_minor,
        currency=decision.currency,
        asked=sum(line.quantity for line in decision.lines),
        units=sum(line.quantity for line in facts.lines),
        policy=f"{decision.policy_id} v{decision.policy_version}",
        reason=asked.request.reason or "",
    )


def _warehouse(decision: Decision) -> AskWarehouse | None:
    terms = decision.warehouse
    return AskWarehouse(within=terms.within, if_silent=terms.if_silent) if terms else None


def declined(decision: Decision, cause: Cause, reason: str | None) -> Verdict:
    return Verdict(
        outcome=Outcome.DECLINED,
        cause=cause,
        codes=tuple(finding.code for finding in decision.codes),
        currency=decision.currency,
        policy=f"{decision.policy_id} v{decision.policy_version}",
        reason=reason or "",
    )


def provider_refunds(decision: Decision, asked: RequestRow) -> tuple[PlannedRefund, ...]:
    """The refunds that a provider is asked for before the pivot."""
    if decision.refund is not RefundRule.AUTOMATIC:
        return ()
    return tuple(
        PlannedRefund(
            id=refund_id(asked.id, tender.id),
            amount_minor=tender.amount_minor,
            currency=decision.currency,
            method=tender.method,
        )
        for tender in decision.tenders
        if handling_of(tender.form, tender.handling) is Handling.PROVIDER
    )


def _approval_until(
    decision: Decision, facts: Facts, asked: RequestRow, now: datetime
) -> datetime | None:
    if not decision.awaits_person:
        return None
    within = decision.approval.within if decision.approval else DEFAULT_APPROVAL
    return approval_deadline(asked.received_at, within, _first_start(decision, facts), now)


def _approves_by_default(decision: Decision) -> bool:
    if decision.outcome is Outcome.HAND_OVER or decision.approval is None:
        return False
    return decision.approval.approve_by_default


def _undo_until(decision: Decision, asked: RequestRow, now: datetime) -> datetime | None:
    if decision.undo_window is None:
        return None
    return undo_until(asked.received_at, decision.undo_window, decision.cancellable_until, now)


def _first_start(decision: Decision, facts: Facts) -> datetime | None:
    """When the first of what is asked for begins."""
    asked = {line.id for line in decision.lines}
    moments = [line.starts_at for line in facts.lines if line.id in asked]
    starts = [_instant(moment, facts.zone) for moment in (facts.starts_at, *moments)]
    return min((start for start in starts if start is not None), default=None)


def _instant(moment: Moment | None, zone: str) -> datetime | None:
    """The instant itself, or the beginning of a civil day at the place."""
    if isinstance(moment, datetime) or moment is None:
        return moment
    day: date = moment
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone))


async def _has_stock(session: AsyncSession, facts: Facts, lines: Collection[str]) -> bool:
    skus = {
        line.sku for line in facts.lines if line.id in lines and line.kind is LineKind.GOODS
    } - {""}
    return bool(await stock.counted(session, skus))
