"""The ladder of a refund whose tender can't take it: store credit, or a person who pays it out.

Each rung is safe to repeat, and keeps the row: `handling` and `form` say how the money goes now.
"""

from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from activities.refund_news import ask_for_help, tell_choice, tell_landed
from activities.refund_rows import NO_LONGER_HELD, account_of, choose_by
from activities.refund_trail import record
from domain.arrival import day_at
from domain.attention import Waits
from domain.decisions import IfRefundFails
from domain.lifecycle import REFUND_AT_REST, RefundState
from domain.subjects import Handling
from storage import credit, refunds
from storage.refunds import RefundRow
from storage.subjects import SubjectRow


async def climb(
    session: AsyncSession, subject: SubjectRow, row: RefundRow, to: IfRefundFails, at: datetime
) -> None:
    """Take the next rung. The caller holds the subject's lock."""
    if row.state in REFUND_AT_REST or row.attention == Waits.MANUAL:
        return
    match to:
        case IfRefundFails.STORE_CREDIT:
            await give_credit(session, subject, row, at)
        case IfRefundFails.ASK if subject.customer_email and row.cancellation_id:
            await _ask(session, row, at)
        case _:
            await hand_over(session, subject, row, at)


async def give_credit(
    session: AsyncSession, subject: SubjectRow, row: RefundRow, at: datetime, actor: str = "system"
) -> None:
    """Book a refund as the customer's store credit, which settles it."""
    await book(session, subject, row, at, actor, form="store_credit")


async def book(
    session: AsyncSession,
    subject: SubjectRow,
    row: RefundRow,
    at: datetime,
    actor: str = "system",
    *,
    form: str | None = None,
) -> None:
    """Book a refund on our ledger, which settles it; one that is settled stays as it is."""
    if row.state in REFUND_AT_REST:
        return
    if not await refunds.try_move(session, row, RefundState.SUCCEEDED, at):
        await give_up(session, row, at)
        return
    row.handling, row.form = Handling.LEDGER, form or row.form
    row.failure = row.mender = row.pending_reason = row.action = None
    row.expected_by = day_at(at, subject.zone)
    account = account_of(subject, row)
    await credit.book(session, account, row.amount_minor, row.currency, row.id, at)
    await record(session, row, "refund_succeeded", at, actor)
    await tell_landed(session, row, at)


async def hand_over(
    session: AsyncSession, subject: SubjectRow, row: RefundRow, at: datetime, actor: str = "system"
) -> None:
    """Make it a person's task to pay it out by hand."""
    if row.attention == Waits.MANUAL:
        return
    row.handling = Handling.MANUAL
    if row.state is RefundState.FAILED:
        await refunds.move(session, row, RefundState.OWED, at)
    row.attention, row.answer_by = Waits.MANUAL, None
    if row.due_by is not None and row.due_by > at:
        row.expected_by = day_at(row.due_by, subject.zone)
    await record(session, row, "refund_needs_attention", at, actor)
    await ask_for_help(session, row, row.failure or "manual", at)


async def give_up(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    """Note that the tender no longer holds the amount: a definite no that no rung can mend."""
    row.failure, row.may_retry = NO_LONGER_HELD, False
    if row.state is RefundState.OWED:
        await refunds.move(session, row, RefundState.FAILED, at)
    await record(session, row, "refund_failed", at)


async def _ask(session: AsyncSession, row: RefundRow, at: datetime) -> None:
    if row.attention == Waits.CUSTOMER:
        return
    row.attention, row.answer_by = Waits.CUSTOMER, choose_by(row, at)
    await record(session, row, "refund_needs_attention", at)
    await tell_choice(session, row, at)
    await ask_for_help(session, row, row.failure or "failed", at)
