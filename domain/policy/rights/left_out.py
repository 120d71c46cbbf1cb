"""What can't be cancelled of a subject, line by line."""

from collections.abc import Iterator, Mapping

from domain.decisions import Decision, Finding
from domain.facts import Facts
from domain.policy.look import EXTRAS
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Rights
from domain.requests import Request
from domain.subjects import Line, LineQuantity


def left_out(
    rights: Rights, facts: Facts, request: Request, everything: Decision
) -> Mapping[str, tuple[Finding, ...]]:
    """Why not, for each line of which something is left, but which can't be cancelled.

    `request` asks for all that is left and `everything` is its answer: only what that doesn't have
    is asked about by itself, all of it and one of it. Shipping and fees aren't named, as they go
    with the last of the rest.
    """
    let_go = {line.id for line in everything.lines}
    found = {}
    for line in _items(facts):
        if line.id in let_go:
            continue
        answers = list(_alone(rights, facts, request, line))
        if all(answer.is_declined for answer in answers):
            found[line.id] = answers[0].codes
    return found


def some_alone(rights: Rights, facts: Facts, request: Request) -> bool:
    """Whether any line can be cancelled by itself, for when not all of them can at once."""
    return any(
        not answer.is_declined
        for line in _items(facts)
        for answer in _alone(rights, facts, request, line)
    )


def _items(facts: Facts) -> Iterator[Line]:
    return (line for line in facts.lines if line.kind not in EXTRAS and line.quantity_open)


def _alone(rights: Rights, facts: Facts, request: Request, line: Line) -> Iterator[Decision]:
    """The answers to all of it and to one of it."""
    for units in dict.fromkeys((line.quantity_open, 1)):
        asked = LineQuantity(id=line.id, quantity=units)
        yield decide_best(rights, facts, request.model_copy(update={"lines": (asked,)}))
