"""How long a cancellation waits for a person."""

from datetime import datetime, timedelta


def approval_deadline(
    received_at: datetime, within: timedelta, starts_at: datetime | None, now: datetime
) -> datetime:
    """End an approval `within` of receipt, at the latest at the start.

    A start already past, of a request that was backdated or late, is no bound.
    """
    deadline = received_at + within
    if starts_at is not None and now < starts_at < deadline:
        return starts_at
    return deadline


def undo_until(
    received_at: datetime, window: timedelta, cutoff: datetime | None, now: datetime
) -> datetime | None:
    """End the undo window, also at a cutoff that still lies ahead. None: it is over already."""
    end = received_at + window
    if cutoff is not None and now < cutoff < end:
        end = cutoff
    return end if end > now else None
