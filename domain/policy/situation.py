"""What the rules look at, and what one of them says."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.decisions import Outcome
from domain.errors import InvalidRequest
from domain.facts import Facts
from domain.policy.clock.calendars import Calendar
from domain.policy.clock.deadlines import DEFAULT_CALENDAR, FactMissing, day_of, zone_of
from domain.policy.document import PromotionRule, Starts
from domain.policy.look import Item, Look, Together
from domain.policy.policy import Policy
from domain.policy.selection import Part, Selection, select
from domain.requests import Initiator, Request, Right
from domain.subjects import Kind, Line, LineKind
from domain.values import Attributes, Moment, Ref

_INSIDE = (Initiator.STAFF, Initiator.BUSINESS)


class Bound(Enum):
    """Which rules bind: all of them; for the business only what can't be changed (finished,
    started) and rules that name the initiator; none for a favour, which is asked for or granted
    against the rules."""

    ALL = auto()
    FACTS = auto()
    NONE = auto()


class Ruling(NamedTuple):
    """What one rule says: ALLOWED is "nothing against it". `rule` is its name, or its place."""

    rule: str
    outcome: Outcome
    code: str = "passed"
    params: Attributes = {}


@dataclass(slots=True, eq=False)
class Situation:
    """One request on one subject under one policy; the instant is passed beside it.

    `held` is what the tenders still hold, `paid` what they captured, `total` the price of the
    order as bought; of a subject without lines, what was paid. `edges` are the instants already
    worked out at which a condition turns for a line.
    """

    policy: Policy
    facts: Facts
    request: Request
    selection: Selection
    bound: Bound
    held: int
    paid: int
    total: int
    edges: dict[tuple[Hashable, Ref], Sequence[datetime]] = field(default_factory=dict)

    @property
    def recomputes_promotions(self) -> bool:
        """Whether what stays has to earn the promotions it was bought with. Not where the business
        cancels, nor as a favour."""
        is_told = bool(self.facts.promotions) and self.bound is Bound.ALL
        return is_told and self.policy.document.promotions is PromotionRule.RECOMPUTE

    @property
    def bears_losses(self) -> bool:
        """Whether these lines bear what earlier ones cost beyond what went back for them."""
        return self.bound is Bound.ALL and self.request.right is not Right.LAW

    @property
    def zone(self) -> ZoneInfo:
        return zone_of(self.facts.zone)

    def start_of(self, line: Line) -> Moment | None:
        """When a line starts, by the policy's choice among several. None: it has no start, as goods
        have none. Raises FactMissing where there has to be one."""
        which = self.policy.document.starts
        if which is Starts.EACH:
            return start_of(self.facts, line)
        starts = [each.starts_at for each in self.facts.lines if each.starts_at is not None]
        if not starts:
            return start_of(self.facts, line)
        pick = min if which is Starts.EARLIEST else max
        return pick(starts, key=lambda start: day_and_time(start, self.facts.zone))

    def sort_of(self, line: Line) -> object:
        """The same for lines that the rules can't tell apart."""
        if self.policy.looks_at_lines:
            return line.id
        return line.kind, line.status, line.starts_at, line.ends_at

    def calendar(self, look: Look) -> Calendar:
        """The business days, with the days that a fact closes."""
        calendar = self.policy.document.business_days or DEFAULT_CALENDAR
        if self.policy.closed_from is None:
            return calendar
        try:
            return calendar.with_closed(self.policy.closed_from(look))
        except (TypeError, ValueError):
            raise FactMissing("fact_unreadable") from None

    def asked(self, at: datetime | None) -> Together:
        """The lines asked for now, as they are cancelled together with those before."""
        return self.together(at, self.selection.asked)

    def together(self, at: datetime | None, parts: Sequence[Part]) -> Together:
        items = [
            Item(p.line, p.before + p.units, p.price_before + p.price, bool(p.units)) for p in parts
        ]
        return Together(self, at, items, self.selection.whole)


def situation(policy: Policy, facts: Facts, request: Request) -> Situation:
    """Put together what is judged. Raises InvalidRequest for what contradicts itself."""
    if _overrides(request) and not _may_override(request):
        raise InvalidRequest("only staff or the business can set rules aside, and as goodwill")
    paid = sum([tender.captured_minor for tender in facts.tenders])
    return Situation(
        policy=policy,
        facts=facts,
        request=request,
        selection=select(policy, facts, request, paid),
        bound=_bound(request),
        held=sum([max(0, tender.refundable_minor) for tender in facts.tenders]),
        paid=paid,
        total=sum([line.total_minor for line in facts.lines]) if facts.lines else paid,
    )


def without(s: Situation, refused: frozenset[str]) -> Situation:
    """The same, leaving out lines that can't be cancelled, where nobody named the lines."""
    if not refused:
        return s
    selection = select(s.policy, s.facts, s.request, s.paid, refused)
    return replace(s, selection=selection)


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


def day_and_time(moment: Moment, zone: str) -> tuple[object, float]:
    """What moments are sorted by; a day comes before the times on it."""
    clock = moment.timestamp() if isinstance(moment, datetime) else 0.0
    return day_of(moment, zone), clock


def _overrides(request: Request) -> bool:
    given = request.overrides
    return given.ignore_rules or given.fee_minor is not None or given.refund_minor is not None


def _may_override(request: Request) -> bool:
    return request.right is Right.GOODWILL and request.initiator in _INSIDE


def _bound(request: Request) -> Bound:
    if asks_favour(request) or request.overrides.ignore_rules:
        return Bound.NONE
    return Bound.FACTS if request.initiator is Initiator.BUSINESS else Bound.ALL
