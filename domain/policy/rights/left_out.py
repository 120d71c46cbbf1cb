"""What can't be cancelled of a subject, line by line."""

from collections.abc import Mapping

from domain.decisions import Decision, Finding
from domain.facts import Facts
from domain.policy.look import EXTRAS
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Rights
from domain.requests import Request
from domain.subjects import LineQuantity


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
    for line in facts.lines:
        if line.id in let_go or line.kind in EXTRAS or not line.quantity_open:
            continue
        answers = [
            _alone(rights, facts, request, LineQuantity(id=line.id, quantity=units))
            for units in dict.fromkeys((line.quantity_open, 1))
        ]
        if all(answer.is_declined for answer in answers):
            found[line.id] = answers[0].codes
    return found


def _alone(rights: Rights, facts: Facts, request: Request, line: LineQuantity) -> Decision:
    return decide_best(rights, facts, request.model_copy(update={"lines": (line,)}))
