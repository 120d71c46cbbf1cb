"""Waiting for a person until a moment comes."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from temporalio import workflow

_AT_ONCE = timedelta(milliseconds=1)


async def until(moment: datetime, answered: Callable[[], bool], summary: str) -> bool:
    """Wait for an answer until that moment, and say whether there was one."""
    left = max(moment - workflow.now(), _AT_ONCE)
    try:
        await workflow.wait_condition(answered, timeout=left, timeout_summary=summary)
    except TimeoutError:
        return False
    return True


def in_utc(moment: datetime) -> str:
    """Write a moment for ops."""
    return f"{moment.astimezone(UTC):%d %b %Y %H:%M} UTC"
