"""What the clock says if it is sent now: until when a person answers, until when it is undone."""

from datetime import datetime

from domain import waits
from domain.arrival import day_at
from domain.decisions import Decision
from use_cases.subject_views import SubjectView
from web.portal.visit import Visit


def answer_by(visit: Visit, view: SubjectView, decision: Decision) -> datetime | None:
    """The last instant for a person's answer; None where nobody is asked."""
    if decision.approval is None:
        return None
    now, start = visit.context.clock(), view.starts_at
    begins = start if isinstance(start, datetime) else None
    return waits.approval_deadline(now, decision.approval.within, begins, now)


def undo_until(visit: Visit, decision: Decision) -> datetime | None:
    """The end of the time to take it back; None where there is none, or it begins with an answer
    that nobody knows the time of yet."""
    if decision.undo_window is None or decision.awaits_person:
        return None
    now = visit.context.clock()
    return waits.undo_until(now, decision.undo_window, decision.cancellable_until, now)


def is_ahead(visit: Visit, view: SubjectView) -> bool:
    """Whether it surely hasn't begun: a day without a time counts until the day before."""
    start, now = view.starts_at, visit.context.clock()
    if isinstance(start, datetime):
        return start > now
    return start is not None and start > day_at(now, view.zone)
