"""Telling a refund's run what somebody said, and seeing what comes of it."""

import asyncio
from contextlib import suppress
from uuid import UUID

from domain.contracts import Settlement
from storage import refunds
from use_cases.context import Context

_LOOKS, _PAUSE = 40, 0.05
"""How often, and after how many seconds, we look whether the run has acted on a word."""


async def tell(context: Context, *words: Settlement) -> None:
    """Pass on what somebody said of each refund, and wait a moment for what it does.

    A run that is slow to act isn't waited for. Raises AlreadyAnswered, ServiceUnavailable.
    """
    before = {word.refund_id: await _waits(context, word.refund_id) for word in words}
    for word in words:
        with suppress(TimeoutError):
            await context.runs.settle(word)
    for _ in range(_LOOKS):
        if all([await _waits(context, id_) != waits for id_, waits in before.items()]):
            return
        await asyncio.sleep(_PAUSE)


async def _waits(context: Context, refund_id: UUID) -> str | None:
    async with context.sessions() as session:
        row = await refunds.find(session, refund_id)
        return row.attention if row else None
