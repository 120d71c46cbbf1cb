"""What the rules look at, and what one of them says."""

from dataclasses import dataclass
from enum import Enum, auto
from typing import NamedTuple

from domain.decisions import Outcome
from domain.errors import InvalidRequest
from domain.facts import Facts
from domain.policy.deadlines import FactMissing
from domain.policy.document import Policy
from domain.policy.selection import Selection, select
from domain.requests import Initiator, Request, Right
from domain.subjects import Kind, Line, LineKind
from domain.values import Attributes, Moment

_INSIDE = (Initiator.STAFF, Initiator.BUSINESS)


class Bound(Enum):
    """Which rules bind: all of them; for the business only what can't be changed (finished,
    started); none for a favour, which is asked for or granted against the rules."""

    ALL = auto()
    FACTS = auto()
    NONE = auto()


class Ruling(NamedTuple):
    """What one rule says: ALLOWED is "nothing against it". `rule` is its place in the document."""

    rule: str
    outcome: Outcome
    code: str = "passed"
    params: Attributes = {}


@dataclass(frozen=True, slots=True)
class Situation:
    """One request on one subject under one policy; the instant is passed beside it.

    `held` is what the tenders still hold, `paid` what they captured, `total` the price of the
    order as bought.
    """

    policy: Policy
    facts: Facts
    request: Request
    selection: Selection
    bound: Bound
    held: int
    paid: int
    total: int


def situation(policy: Policy, facts: Facts, request: Request) -> Situation:
    """Put together what is judged. Raises InvalidRequest for what contradicts itself."""
    if _overrides(request) and not _may_override(request):
        raise InvalidRequest("only staff or the business can set rules aside, and as goodwill")
    bound = _bound(request)
    gate = policy.only_line_stages if bound is Bound.ALL else ()
    return Situation(
        policy=policy,
        facts=facts,
        request=request,
        selection=select(policy, facts, request, gate),
        bound=bound,
        held=sum(tender.refundable_minor for tender in facts.tenders),
        paid=sum(tender.captured_minor for tender in facts.tenders),
        total=sum(line.total_minor for line in facts.lines),
    )


def asks_favour(request: Request) -> bool:
    """Whether goodwill is asked for rather than granted: a person has to say yes."""
    return request.right is Right.GOODWILL and request.initiator not in _INSIDE


def start_of(facts: Facts, line: Line | None) -> Moment | None:
    """When a line starts, or the subject itself. None: it has no start, as goods have none.

    Raises FactMissing where there has to be one: services and appointments begin some time.
    """
    own = line.starts_at if line is not None else None
    start = own if own is not None else facts.starts_at
    if start is not None:
        return start
    if facts.kind is Kind.APPOINTMENT or (line is not None and line.kind is LineKind.SERVICE):
        raise FactMissing("starts_at_missing")
    return None


def asked_starts(s: Situation) -> dict[Moment, list[str]]:
    """The starts of what is asked for with the lines' ids; of the subject where it has no lines."""
    if not s.facts.lines:
        start = start_of(s.facts, None)
        return {start: []} if start is not None else {}
    found: dict[Moment, list[str]] = {}
    for part in s.selection.asked:
        start = start_of(s.facts, part.line)
        if start is not None:
            found.setdefault(start, []).append(part.line.id)
    return found


def _overrides(request: Request) -> bool:
    given = request.overrides
    amounts = (given.fee_minor, given.refund_minor)
    return given.ignore_rules or any(amount is not None for amount in amounts)


def _may_override(request: Request) -> bool:
    return request.right is Right.GOODWILL and request.initiator in _INSIDE


def _bound(request: Request) -> Bound:
    if asks_favour(request) or request.overrides.ignore_rules:
        return Bound.NONE
    return Bound.FACTS if request.initiator is Initiator.BUSINESS else Bound.ALL
