"""What providers tell us by webhook: kept once, and taken as a hint to look again."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.ids import refund_of_key
from domain.lifecycle import CancellationState, RefundState
from domain.subjects import Handling
from storage import cancellations, refunds, webhooks
from storage.refunds import RefundRow
from storage.webhooks import WebhookEventRow
from use_cases.context import Context
from use_cases.hints import Hint

KEPT = timedelta(days=60)
"""How long an event is known as a repeat. Providers repeat for days, and by hand for a month."""

STUCK = timedelta(minutes=1)
"""An event that a crash left in the middle is taken up by a repeat after this."""


async def hear(context: Context, provider: str, headers: Mapping[str, str], body: bytes) -> None:
    """Take a webhook. Raises ProviderUnknown, WebhookRejected, ServiceUnavailable.

    A repeat changes nothing; one whose run couldn't be told counts as not heard.
    """
    for hint in context.read_webhook(provider, headers, body):
        if refund := await _keep(context, provider, hint):
            await _tell(context, provider, hint, refund)


async def _tell(context: Context, provider: str, hint: Hint, refund: UUID) -> None:
    try:
        await context.runs.follow(refund)
    except Exception:
        async with context.sessions.begin() as session:
            await webhooks.drop(session, provider, hint.event_id)
        raise
    async with context.sessions.begin() as session:
        await webhooks.mark_told(session, provider, hint.event_id, context.clock())


async def _keep(context: Context, provider: str, hint: Hint) -> UUID | None:
    """Keep an event; the refund whose run has to hear of it, if one has to."""
    now = context.clock()
    async with context.sessions.begin() as session:
        refund = await _find(session, provider, hint)
        is_news = refund is not None and await _is_news(session, refund, hint.state)
        kept = await webhooks.keep(
            session,
            WebhookEventRow(
                provider=provider,
                event_id=hint.event_id,
                provider_ref=hint.provider_ref,
                state=hint.state,
                refund_id=refund.id if refund else None,
                occurred_at=hint.occurred_at,
                received_at=now,
                told_at=None if is_news else now,
            ),
            stuck_since=now - STUCK,
        )
        await webhooks.forget(session, now - KEPT)
        return kept.refund_id if kept and kept.told_at is None else None


async def _find(session: AsyncSession, provider: str, hint: Hint) -> RefundRow | None:
    """By the provider's id; one whose answer never reached us is known by our key only."""
    found = await refunds.of_provider(session, provider, hint.provider_ref)
    if found is None and (ours := refund_of_key(hint.key)):
        found = await refunds.find(session, ours)
    return found if found and found.provider == provider else None


async def _is_news(session: AsyncSession, refund: RefundRow, state: str | None) -> bool:
    """Whether a look may find more than we know.

    A failure that we know of is none, or each failed attempt would hurry the next one. Until its
    cancellation is done a refund is that one's business; a run that looks follows at once.
    """
    if refund.handling is not Handling.PROVIDER:
        return False
    if refund.state is RefundState.SUCCEEDED:
        return state != RefundState.SUCCEEDED
    if refund.state not in _WITH_PROVIDER or refund.cancellation_id is None:
        return refund.state in _WITH_PROVIDER
    cancellation = await cancellations.get(session, refund.cancellation_id)
    return cancellation.state is CancellationState.CANCELLED


_WITH_PROVIDER = frozenset(
    {RefundState.REQUESTED, RefundState.PENDING, RefundState.REQUIRES_ACTION}
)
