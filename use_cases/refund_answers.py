"""Answering who asked for a refund: yes to all or a part of it, or no."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.attention import Choice, Waits
from domain.contracts import Settlement
from domain.errors import AlreadyAnswered, RefundTooHigh, SecondPersonRequired
from domain.money import plain, split_minor
from storage import refund_requests as requested
from storage import refunds
from storage.refund_requests import RefundRequestRow
from storage.refunds import RefundRow
from use_cases import refund_requests, settling
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.refund_request_views import RefundRequestView, RequestState


async def approve(
    context: Context, actor: Actor, request_id: UUID, amount_minor: int | None = None
) -> RefundRequestView:
    """Say yes, and maybe to less than was asked. Above the limit who asked may not.

    Raises AlreadyAnswered, SecondPersonRequired, RefundTooHigh.
    """
    if amount_minor is not None:
        actor.require(Scope.MONEY)
    async with context.sessions() as session:
        row, waiting = await _open(session, context, request_id)
        if actor.id == row.actor:
            await _check_alone(session, context, row)
    asked = [refund.amount_minor for refund in waiting]
    total = sum(asked)
    if amount_minor is not None and amount_minor > total:
        most, named = (plain(minor, waiting[0].currency) for minor in (total, amount_minor))
        raise RefundTooHigh(f"{most} was asked for, less than {named}", left=total)
    parts = asked if amount_minor is None else split_minor(amount_minor, asked)
    words = [_word(actor, refund, part) for refund, part in zip(waiting, parts, strict=True)]
    await settling.tell(context, *words)
    return await _answered(context, request_id, RequestState.ACCEPTED)


async def _check_alone(session: AsyncSession, context: Context, row: RefundRequestRow) -> None:
    given = await requested.given(session, row.subject_id)
    if not context.refund_limit.allow(given + row.amount_minor, row.currency):
        raise SecondPersonRequired("who asked for this refund may not approve it above the limit")


async def decline(context: Context, actor: Actor, request_id: UUID) -> RefundRequestView:
    """Say no: nothing goes back. Raises AlreadyAnswered."""
    async with context.sessions() as session:
        _, waiting = await _open(session, context, request_id)
    await settling.tell(context, *[_word(actor, refund, 0) for refund in waiting])
    return await _answered(context, request_id, RequestState.DECLINED)


def _word(actor: Actor, refund: RefundRow, amount_minor: int) -> Settlement:
    """Yes to all or a part of a refund; a part of nothing is a no."""
    return Settlement(
        refund_id=refund.id,
        choice=Choice.APPROVE if amount_minor else Choice.DECLINE,
        actor=actor.id,
        amount_minor=amount_minor if 0 < amount_minor < refund.amount_minor else None,
    )


async def _open(
    session: AsyncSession, context: Context, request_id: UUID
) -> tuple[RefundRequestRow, list[RefundRow]]:
    """A request with those of its refunds that wait for a yes, while there is time for one."""
    request = await requested.get(session, request_id)
    rows = await refunds.of_request(session, request_id)
    waiting = [row for row in rows if row.attention == Waits.APPROVAL]
    now = context.clock()
    if not waiting or any(row.answer_by and row.answer_by <= now for row in waiting):
        raise _too_late(await refund_requests.view(session, request))
    return request, waiting


async def _answered(context: Context, request_id: UUID, wanted: RequestState) -> RefundRequestView:
    """The request as the answer left it; another answer may have been faster."""
    seen = await refund_requests.get_request(context, request_id)
    if seen.state not in (wanted, RequestState.AWAITING_APPROVAL):
        raise _too_late(seen)
    return seen


def _too_late(seen: RefundRequestView) -> AlreadyAnswered:
    return AlreadyAnswered(f"refund request {seen.id} is {seen.state} already", state=seen.state)
