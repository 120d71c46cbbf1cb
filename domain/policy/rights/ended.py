"""Until when the law would have let something go, where its time is over."""

from collections.abc import Iterator
from datetime import datetime

from domain.decisions import Decision
from domain.facts import Facts
from domain.policy.look import EXTRAS
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Rights
from domain.requests import Request, Right
from domain.subjects import LineQuantity

_OVER = "window_over"
_RIGHT = "right_by_law"


def law_ended_at(rights: Rights, facts: Facts, now: datetime) -> datetime | None:
    """The last moment at which a law let any open line go. None where one still does or a person
    has to find out, and where none ever did: an exception isn't a time that ran out."""
    ends = list[datetime]()
    for answer in _alone(rights, facts, now):
        if not answer.is_declined:
            return None
        if end := _end(answer):
            ends.append(end)
    return max(ends, default=None)


def _alone(rights: Rights, facts: Facts, now: datetime) -> Iterator[Decision]:
    """What each law says to each line by itself."""
    for line in facts.lines:
        if line.kind in EXTRAS or not line.quantity_open:
            continue
        asked = (LineQuantity(id=line.id, quantity=line.quantity_open),)
        request = Request(right=Right.LAW, lines=asked, requested_at=now)
        for law in rights.laws:
            yield decide_best(rights._replace(laws=(law,)), facts, request)


def _end(answer: Decision) -> datetime | None:
    """The end of the time, where nothing but that stands against it."""
    reasons = [code for code in answer.codes if code.code != _RIGHT]
    until = reasons[0].params.get("until") if len(reasons) == 1 else None
    if not isinstance(until, str) or reasons[0].code != _OVER:
        return None
    return datetime.fromisoformat(until)
