"""Reading a refund under its lock, and what its provider's word changes in its row."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from activities.refund_rows import ON_REQUEST
from domain.attention import Waits
from domain.contracts import RefundResult, RefundStep
from domain.decisions import TenderAmount
from domain.errors import CancellationNotFound, SubjectNotFound
from domain.ids import refund_id
from domain.lifecycle import REFUND_MOVES, RefundState
from providers.ports import ProviderRefund
from storage import effects, refunds
from storage.effects import EffectState
from storage.refunds import RefundRow
from storage.subjects import SubjectRow


def effect_of(refund: UUID) -> str:
    return f"trigger_refund:{refund}"


async def is_dropped(session: AsyncSession, row: RefundRow) -> bool:
    """Whether its cancellation was put back: then no money may go, whoever asks."""
    if row.cancellation_id is None:
        return False
    effect = await effects.find(session, row.cancellation_id, effect_of(row.id))
    return effect is not None and effect.state is EffectState.COMPENSATED


async def is_escalated(session: AsyncSession, row: RefundRow, step: RefundStep) -> bool:
    """Whether a person knows already. One that waits to be asked for is told of only once."""
    if row.attention not in (ON_REQUEST, Waits.APPROVAL) or row.cancellation_id is None:
        return row.attention is not None
    told = await effects.claim(session, row.cancellation_id, f"escalate_refund:{row.id}", step.at)
    return told is not None


def nothing(step: RefundStep) -> RefundResult:
    """What a late attempt has to say after its compensation: nothing was asked."""
    return RefundResult(refund_id=step.refund_id, state=RefundState.FAILED, failure="dropped")


def amount_of(tenders: tuple[TenderAmount, ...], step: RefundStep) -> TenderAmount:
    assert step.cancellation_id is not None
    for tender in tenders:
        if refund_id(step.cancellation_id, tender.id) == step.refund_id:
            return tender
    raise CancellationNotFound(f"refund {step.refund_id} is not part of its decision")


async def get(session: AsyncSession, refund: UUID) -> RefundRow:
    row = await refunds.find(session, refund)
    if row is None:
        raise CancellationNotFound(f"there is no refund {refund}")
    return row


async def lock(session: AsyncSession, refund: UUID) -> tuple[SubjectRow, RefundRow]:
    """Lock the refund's subject, then read the refund as it is now: so changes take turns."""
    try:
        subject = await refunds.lock_subject(session, refund)
    except SubjectNotFound:
        raise CancellationNotFound(f"there is no refund {refund}") from None
    return subject, await get(session, refund)


def is_news(row: RefundRow, told: ProviderRefund) -> bool:
    """Whether the refund can have moved so; an answer that was overtaken is none, and what failed
    at a provider stays failed there."""
    if row.state is RefundState.FAILED and row.provider_ref == told.provider_ref:
        return False
    return told.refund_state is row.state or told.refund_state in REFUND_MOVES[row.state]


def note(row: RefundRow, told: ProviderRefund) -> None:
    row.provider_ref = told.provider_ref
    row.pending_reason, row.action = told.pending_reason, told.action
    if told.refund_state is RefundState.FAILED and row.state is not RefundState.FAILED:
        row.failure, row.may_retry = told.failure or told.state.value, told.retryable
        row.mender = told.mender.value
        row.late_failures += row.state is RefundState.SUCCEEDED


async def finish(session: AsyncSession, step: RefundStep, row: RefundRow) -> None:
    if row.cancellation_id is not None:
        await effects.finish(session, row.cancellation_id, effect_of(row.id), step.at)
