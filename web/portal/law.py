"""The way in to the law's own right, shown on an order for as long as there is one."""

from datetime import datetime
from typing import NamedTuple

from domain.subjects import SubjectRef
from use_cases import withdrawals
from use_cases.subject_views import SubjectView
from web.portal.visit import Visit


class Entry(NamedTuple):
    """There is a right now, and the last of it ends `until`, if that is known."""

    until: datetime | None


async def entry_of(visit: Visit, view: SubjectView, subject: SubjectRef) -> Entry | None:
    """None for what is part of an order: the order has the right."""
    if view.part_of is not None:
        return None
    decision = await withdrawals.right_of(visit.context, subject)
    return Entry(decision.cancellable_until) if decision else None
