"""What a warehouse answered, kept on the effect of asking it. The first answer counts."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.warehouses import StopAnswer
from storage import effects, events
from storage.effects import EffectRow, EffectState

ASK_TO_STOP = "ask_to_stop"


async def find(session: AsyncSession, cancellation_id: UUID) -> EffectRow | None:
    return await effects.find(session, cancellation_id, ASK_TO_STOP)


def answer_of(effect: EffectRow | None) -> StopAnswer | None:
    """The answer that counts; None while there is none."""
    told = effect.result.get("answer") if effect else None
    return StopAnswer(told) if told else None


async def answer(
    session: AsyncSession,
    subject_id: UUID,
    cancellation_id: UUID,
    told: StopAnswer,
    at: datetime,
    actor: str,
) -> StopAnswer:
    """Keep an answer, unless there is one or the question was withdrawn, and return what counts.

    The caller holds the subject's lock. A question that was withdrawn counts as refused.
    """
    effect = await find(session, cancellation_id)
    if effect is None or effect.state is EffectState.COMPENSATED:
        return StopAnswer.REFUSED
    if counts := answer_of(effect):
        return counts
    await effects.finish(session, cancellation_id, ASK_TO_STOP, at, {"answer": told})
    await events.record(
        session,
        subject_id,
        f"warehouse_{told}",
        at,
        actor=actor,
        cancellation_id=cancellation_id,
        data={},
    )
    return told
