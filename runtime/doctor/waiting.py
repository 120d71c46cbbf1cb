"""What lies in the database and waits for a person, or has waited too long for the machine."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.elements import ColumnElement

from domain.card_holds import CARD_HOLD_AT_REST
from domain.lifecycle import CANCELLATION_AT_REST, REFUND_AT_REST, CancellationState
from runtime.doctor.findings import Finding, broken, counted, fine, warning
from storage import differences, reconciliations
from storage import invariants as promises
from storage.cancellations import CancellationRow
from storage.card_holds import CardHoldRow
from storage.notifications import NotificationRow
from storage.notifications import NotificationState as Mail
from storage.refunds import RefundRow
from storage.requests import RequestRow, RequestState
from storage.subjects import SubjectRow

Table = (
    type[CancellationRow]
    | type[RefundRow]
    | type[CardHoldRow]
    | type[RequestRow]
    | type[NotificationRow]
)

MAIL_PATIENCE = timedelta(minutes=15)
REQUEST_PATIENCE = timedelta(minutes=2)
WORK_PATIENCE = timedelta(minutes=5)
RECONCILIATION_PATIENCE = timedelta(days=2)
_SHOWN = 3


async def mails(session: AsyncSession) -> Finding:
    late = NotificationRow.created_at < datetime.now(UTC) - MAIL_PATIENCE
    parked = await _count(session, NotificationRow, NotificationRow.state == Mail.PARKED)
    overdue = await _count(session, NotificationRow, NotificationRow.state == Mail.DUE, late)
    if not parked and not overdue:
        return fine("mails", "None is parked or overdue.")
    minutes = MAIL_PATIENCE // timedelta(minutes=1)
    says = f"{counted(parked, 'mail')} parked, {overdue} due for more than {minutes} minutes."
    remedy = "See the line on SMTP and the worker's log; what is parked is not tried again."
    return warning("mails", says, remedy)


async def requests(session: AsyncSession) -> Finding:
    """The sweep starts them after a minute, so these say that it doesn't come or doesn't manage."""
    before = datetime.now(UTC) - REQUEST_PATIENCE
    forgotten = (RequestRow.state == RequestState.OPEN, RequestRow.received_at < before)
    number = await _count(session, RequestRow, *forgotten)
    if not number:
        return fine("requests", "None has been without a run for long.")
    subjects = await _subjects(session, RequestRow, *forgotten)
    says = f"{counted(number, 'request')} older than two minutes without a run: {subjects}."
    return warning("requests", says, "See the lines on the worker and on the schedule `sweep`.")


async def work(session: AsyncSession) -> Finding:
    """Steps take seconds; one that is retried for minutes can't get through."""
    before = datetime.now(UTC) - WORK_PATIENCE
    stuck = (
        CancellationRow.state == CancellationState.WORKING,
        CancellationRow.updated_at < before,
    )
    number = await _count(session, CancellationRow, *stuck)
    if not number:
        return fine("work", "No cancellation is stuck.")
    minutes = WORK_PATIENCE // timedelta(minutes=1)
    subjects = await _subjects(session, CancellationRow, *stuck)
    says = f"{counted(number, 'cancellation')} at work for more than {minutes} minutes: {subjects}."
    return warning("work", says, "See what fails in Temporal's UI, or in the worker's log.")


async def cancellations(session: AsyncSession) -> Finding:
    waiting = (
        CancellationRow.attention.is_not(None),
        CancellationRow.state.not_in(CANCELLATION_AT_REST),
    )
    return await _persons(session, "cancellation", CancellationRow, *waiting)


async def refunds(session: AsyncSession) -> Finding:
    waiting = (RefundRow.attention.is_not(None), RefundRow.state.not_in(REFUND_AT_REST))
    return await _persons(session, "refund", RefundRow, *waiting)


async def held_cards(session: AsyncSession) -> Finding:
    waiting = (CardHoldRow.attention.is_not(None), CardHoldRow.state.not_in(CARD_HOLD_AT_REST))
    return await _persons(session, "held card", CardHoldRow, *waiting)


async def reconciliation(session: AsyncSession) -> Finding:
    """Money that a provider moved and we don't know of, or the other way round."""
    last = await reconciliations.last_ended(session)
    number = await differences.count_open(session)
    when = f"last on {last.ended_at:%Y-%m-%d at %H:%M} UTC" if last and last.ended_at else ""
    if number:
        says = f"{counted(number, 'difference')} from what the providers list; {when or 'not yet'}."
        remedy = "See `rescind refunds reconcile`, and `Reconciling` in docs/refunds.md."
        return warning("reconciliation", says, remedy)
    if last is None or last.ended_at is None:
        return fine("reconciliation", "Refunds have not been compared with the providers' yet.")
    if last.ended_at < datetime.now(UTC) - RECONCILIATION_PATIENCE:
        remedy = (
            "See the schedule `reconciliation` in Temporal's UI, and whether a provider is away."
        )
        return warning("reconciliation", f"The nightly comparison is overdue: {when}.", remedy)
    return fine("reconciliation", f"Refunds agree with what the providers list, {when}.")


async def invariants(session: AsyncSession) -> Finding:
    """Look for broken promises; it reads the whole database."""
    found = await promises.violations(session)
    if not found:
        kept = counted(len(promises.PROMISES), "promise")
        return fine("invariants", f"All {kept} are kept.")
    told: dict[str, list[str]] = {}
    for violation in found:
        told.setdefault(violation.promise, []).append(violation.where)
    says = "; ".join(f"{promise}: {', '.join(where)}" for promise, where in told.items())
    remedy = "Read the history of these. Only a fault of Rescind, or a change by hand, does this."
    return broken("invariants", f"Broken: {says}.", remedy)


_WAYS_OUT = {
    "cancellation": "`rescind show KIND ID` tells the ways out of each.",
    "refund": "`rescind refunds list --waiting` names them, `rescind refunds show ID` what to do.",
}


async def _persons(
    session: AsyncSession, noun: str, table: Table, *waiting: ColumnElement[bool]
) -> Finding:
    number = await _count(session, table, *waiting)
    if not number:
        return fine(f"{noun}s", "None waits for a person.")
    verb = "waits" if number == 1 else "wait"
    subjects = await _subjects(session, table, *waiting)
    says = f"{counted(number, noun)} {verb} for a person: {subjects}."
    return warning(f"{noun}s", says, _WAYS_OUT.get(noun, _WAYS_OUT["cancellation"]))


async def _count(session: AsyncSession, table: Table, *which: ColumnElement[bool]) -> int:
    return await session.scalar(select(func.count()).select_from(table).where(*which)) or 0


async def _subjects(session: AsyncSession, table: Table, *which: ColumnElement[bool]) -> str:
    """The first few subjects concerned, in the words of `rescind show`."""
    found = await session.execute(
        select(SubjectRow.kind, SubjectRow.ref)
        .join(table, table.subject_id == SubjectRow.id)
        .where(*which)
        .distinct()
        .limit(_SHOWN + 1)
    )
    names = [f"{kind} {ref}" for kind, ref in found]
    return ", ".join(names[:_SHOWN]) + ", …" * (len(names) > _SHOWN)
