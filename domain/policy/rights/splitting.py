"""Which right each line goes by, where the lines of one request are best served by several."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from domain.decisions import Outcome
from domain.facts import Facts
from domain.policy import state_rules
from domain.policy.answer import Answer
from domain.policy.decide import judge
from domain.policy.document import Document
from domain.policy.look import EXTRAS
from domain.policy.rights.grounds import Gone, Ground, seen_by
from domain.policy.routing import route
from domain.policy.selection import Part as Selected
from domain.policy.situation import situation
from domain.refunds import shares
from domain.requests import Request
from domain.subjects import Line, LineQuantity, Tender

RANK = {
    Outcome.ALLOWED: 3,
    Outcome.NEEDS_APPROVAL: 2,
    Outcome.HAND_OVER: 1,
    Outcome.DECLINED: 0,
}

Worth = tuple[bool, int, int, int]
"""For the customer: whether anything comes of it, how much of what was asked for, how surely, and
what goes back less what is due."""


class Part(NamedTuple):
    """Lines that go by one right, on the facts that it sees."""

    ground: Ground
    facts: Facts
    request: Request
    answer: Answer


class Option(NamedTuple):
    """One way to answer a request: by one right, or line by line by several."""

    parts: tuple[Part, ...]

    @property
    def outcome(self) -> Outcome:
        return min((part.answer.outcome for part in self.parts), key=RANK.__getitem__)

    @property
    def refund(self) -> int:
        return sum(part.answer.amounts.refund for part in self.parts)

    @property
    def fee(self) -> int:
        return sum(part.answer.amounts.fee for part in self.parts)

    @property
    def lines(self) -> tuple[str, ...]:
        return tuple(each.line.id for each in self._asked)

    @property
    def _asked(self) -> Sequence[Selected]:
        return [each for part in self.parts for each in part.answer.s.selection.asked]

    @property
    def worth(self) -> Worth:
        due = sum(part.answer.amounts.due for part in self.parts)
        units = sum(each.units for each in self._asked)
        is_open = self.outcome is not Outcome.DECLINED
        return is_open, units if is_open else 0, RANK[self.outcome], self.refund - due


def part(ground: Ground, facts: Facts, request: Request, gone: Gone) -> Part:
    """What one right says. Raises as `decide`."""
    own = request.model_copy(update={"right": ground.right})
    seen = seen_by(ground, facts, gone, [line.id for line in request.lines])
    return Part(ground, seen, own, judge(ground.policy, seen, own))


def splits(
    grounds: Sequence[Ground], facts: Facts, request: Request, gone: Gone
) -> Iterator[Option]:
    """The ways in which each line goes by the right that is best for it; none where one right is
    best for all of them. Shipping and fees go along with whichever right comes last."""
    asked, extras = _asked(facts, request)
    if len(asked) < 2 or len(grounds) < 2:
        return
    groups: dict[int, list[LineQuantity]] = {}
    for cluster in _clusters(grounds, facts, request, gone, asked):
        place = _best_for(cluster, grounds, facts, request, gone)
        if place is not None:
            groups.setdefault(place, []).extend(cluster)
        elif request.lines:
            return
    if len(groups) < 2:
        return
    for last in reversed(groups):
        order = [*(place for place in groups if place != last), last]
        lots = [(grounds[place], groups[place]) for place in order]
        lots[-1] = (lots[-1][0], [*lots[-1][1], *extras])
        yield Option(tuple(_in_turn(lots, facts, request, gone)))


def _asked(facts: Facts, request: Request) -> tuple[list[LineQuantity], list[LineQuantity]]:
    """Things asked for, and the shipping and fees that were named with them."""
    kinds = {line.id: line.kind for line in facts.lines}
    if request.lines:
        named = [line for line in request.lines if line.id in kinds]
        extras = [line for line in named if kinds[line.id] in EXTRAS]
        return [line for line in named if line not in extras], extras
    left = [line for line in facts.lines if line.kind not in EXTRAS and line.quantity_open]
    return [LineQuantity(id=line.id, quantity=line.quantity_open) for line in left], []


def _clusters(
    grounds: Sequence[Ground],
    facts: Facts,
    request: Request,
    gone: Gone,
    asked: Sequence[LineQuantity],
) -> list[list[LineQuantity]]:
    """Lines that no right tells apart, together."""
    named = request.model_copy(update={"lines": tuple(asked)})
    told = [_rules(ground, facts, named, gone) for ground in grounds]
    clusters: dict[tuple[str | None, ...], list[LineQuantity]] = {}
    for line in asked:
        clusters.setdefault(tuple(rules.get(line.id) for rules in told), []).append(line)
    return list(clusters.values())


def _rules(ground: Ground, facts: Facts, request: Request, gone: Gone) -> Mapping[str, str]:
    """The rule that decides about each line; a line that is refused has none."""
    seen = seen_by(ground, facts, gone, [line.id for line in request.lines])
    own = request.model_copy(update={"right": ground.right})
    s = situation(ground.policy, seen, own)
    everything = [line.id for line in request.lines]
    refused = {
        line
        for ruling in state_rules.judge(s)
        if ruling.outcome is Outcome.DECLINED
        for line in ruling.params.get("lines", everything)
    }
    found = {}
    together = s.asked(request.requested_at)
    for item in together.items:
        rule, against = route(together, item)
        is_no = against is not None and against.outcome is Outcome.DECLINED
        if item.line.id not in refused and not is_no:
            found[item.line.id] = f"{rule.rule if rule else ''}/{against.code if against else ''}"
    return found


def _best_for(
    lines: Sequence[LineQuantity],
    grounds: Sequence[Ground],
    facts: Facts,
    request: Request,
    gone: Gone,
) -> int | None:
    """The place of the right that is best for these lines; none where all of them say no."""
    named = request.model_copy(update={"lines": tuple(lines)})
    options = [Option((part(ground, facts, named, gone),)) for ground in grounds]
    best = max(range(len(options)), key=lambda place: options[place].worth)
    return None if options[best].outcome is Outcome.DECLINED else best


def _in_turn(
    lots: Sequence[tuple[Ground, Sequence[LineQuantity]]],
    facts: Facts,
    request: Request,
    gone: Gone,
) -> Iterator[Part]:
    """Each right on what those before it left: their lines are gone, their money is spoken for."""
    for ground, lines in lots:
        named = request.model_copy(update={"lines": tuple(lines)})
        found = part(ground, facts, named, gone)
        facts, gone = _after(found, facts, gone)
        yield found


def _after(before: Part, facts: Facts, gone: Gone) -> tuple[Facts, Gone]:
    id_, amounts = before.ground.policy.id, before.answer.amounts
    parts = before.answer.s.selection.asked
    asked = {each.line.id: each.units for each in parts}
    back = {each.line.id: minor for each, minor in zip(parts, amounts.refunds, strict=False)}
    lines = tuple(
        _cancelled(line, asked.get(line.id, 0), back.get(line.id, 0)) for line in facts.lines
    )
    document, choice = before.ground.policy.document, before.request.method
    tenders = facts.tenders
    for minor in (amounts.refund, amounts.fee):
        tenders = _spent(tenders, minor, document, choice)
    own = gone.get(id_, {})
    own = {**own, **{line: own.get(line, 0) + units for line, units in asked.items()}}
    left = {"lines": lines, "tenders": tenders, "carried_minor": amounts.carried}
    return facts.model_copy(update=left), {**gone, id_: own}


def _cancelled(line: Line, units: int, back: int) -> Line:
    gone = {
        "quantity_cancelled": line.quantity_cancelled + units,
        "refunded_minor": line.refunded_minor + back,
    }
    return line.model_copy(update=gone)


def _spent(
    tenders: Sequence[Tender], minor: int, document: Document, choice: str | None
) -> tuple[Tender, ...]:
    """The tenders without money that has gone back, or is kept for what is gone."""
    found = shares(minor, tenders, document.tender_order, share=document.share, choice=choice)
    spent = {tender.id: share for tender, share in found}
    return tuple(
        tender.model_copy(
            update={"captured_minor": tender.captured_minor - spent.get(tender.id, 0)}
        )
        for tender in tenders
    )
