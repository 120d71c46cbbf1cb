"""The answer at one instant, in plain values: the decision is made of it, and so is its future."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.decisions import Adjustment, Outcome
from domain.policy import approvals, state_rules
from domain.policy.charges import fits
from domain.policy.clock.deadlines import FactMissing
from domain.policy.look import Look, Together
from domain.policy.policy import Rule
from domain.policy.routing import refused_lines, route
from domain.policy.settling import Amounts, Charged, Routes, settle
from domain.policy.situation import Bound, Ruling, Situation, without
from domain.policy.stages import Meaning
from domain.values import Attributes

_NOTHING = Amounts()
_YES, _NO, _ASK = Outcome.ALLOWED, Outcome.DECLINED, Outcome.HAND_OVER


class Answer(NamedTuple):
    """`rulings` is every rule looked at; `deciding` those that made the outcome what it is;
    `routes` the rule of each line asked for; `s` the situation with the lines that it is about;
    `state` what is said of it whatever the clock says."""

    s: Situation
    together: Together
    outcome: Outcome
    rulings: tuple[Ruling, ...]
    deciding: tuple[Ruling, ...]
    amounts: Amounts
    routes: Routes
    state: Sequence[Ruling]

    @property
    def is_open(self) -> bool:
        """Whether it can be cancelled, if need be with a person's yes."""
        return self.outcome in (Outcome.ALLOWED, Outcome.NEEDS_APPROVAL)


def answer(s: Situation, at: datetime | None) -> Answer:
    """Judge the rules in turn. A no outweighs a question, a question a yes."""
    s = _without_refused(s, at)
    state = state_rules.judge(s)
    together, rulings = s.asked(at), list(state)
    routes = {} if _is_no(rulings) else _route(together, rulings)
    amounts = _settle(together, routes, rulings, is_told=True)
    return _answer(together, rulings, amounts, routes, state)


def later(given: Situation, present: Answer, at: datetime) -> Answer:
    """The answer at a later instant, without rulings that only explain an amount.

    What the clock can't change isn't looked at again: where each line is still under the same rule
    and nothing else can have changed, it is the present answer.
    """
    s = _without_refused(given, at)
    is_same = s is present.s
    if is_same:
        together, state = present.together._replace(at=at), present.state
    else:
        together, state = s.asked(at), state_rules.judge(s)
    rulings = list(state)
    routes = {} if _is_no(rulings) else _route(together, rulings)
    is_steady = is_same and s.policy.is_steady and s.selection.is_first
    if is_steady and present.is_open and not rulings and routes == present.routes:
        return present
    amounts = _settle(together, routes, rulings, is_told=False)
    return _answer(together, rulings, amounts, routes, state)


def _answer(
    together: Together,
    rulings: list[Ruling],
    amounts: Amounts,
    routes: Routes,
    state: Sequence[Ruling],
) -> Answer:
    s = together.s
    for outcome in (_NO, _ASK, Outcome.NEEDS_APPROVAL):
        deciding = tuple([ruling for ruling in rulings if ruling.outcome is outcome])
        if deciding:
            amounts = _NOTHING if outcome is _NO else amounts
            return Answer(s, together, outcome, tuple(rulings), deciding, amounts, routes, state)
    return Answer(s, together, _YES, tuple(rulings), (), amounts, routes, state)


def _without_refused(s: Situation, at: datetime | None) -> Situation:
    """Without the lines that a rule about lines refuses, where everything is asked for."""
    if s.request.lines or s.bound is not Bound.ALL or not s.policy.refuses_lines:
        return s
    return without(s, refused_lines(s, at))


def state_answer(s: Situation) -> tuple[Ruling, ...]:
    """What speaks against it as things stand now, at the request's own instant."""
    rulings = state_rules.judge(s)
    refused: list[Ruling] = []
    if not rulings:
        _route(s.asked(s.request.requested_at), refused)
    return (*rulings, *(r for r in refused if r.outcome is _NO and r.rule != "built_in.started"))


def _is_no(rulings: list[Ruling]) -> bool:
    return _NO in [ruling.outcome for ruling in rulings]


def _route(together: Together, rulings: list[Ruling]) -> dict[str, Rule | None]:
    """Find the rule of each line asked for, and add what speaks against any of them; the same no
    for several lines is said once."""
    routes: dict[str, Rule | None] = {}
    told: dict[tuple[str, str], Ruling] = {}
    alike: dict[object, tuple[Rule | None, Ruling | None]] = {}
    for item in together.items:
        line = item.line
        sort = together.s.sort_of(line)
        if sort not in alike:
            alike[sort] = route(together, item)
        rule, against = alike[sort]
        routes[line.id] = rule
        if against is not None:
            _tell(against, line.id, rulings, told)
    return routes


def _tell(
    against: Ruling, line: str, rulings: list[Ruling], told: dict[tuple[str, str], Ruling]
) -> None:
    known = told.get((against.rule, against.code))
    if known is None:
        told[against.rule, against.code] = against
        rulings.append(against)
        return
    lines = known.params.get("lines")
    if isinstance(lines, list) and line not in lines:
        lines.append(line)


def _settle(together: Together, routes: Routes, rulings: list[Ruling], *, is_told: bool) -> Amounts:
    """Charges, checks and approval, which add to the rulings; those of the charges only explain,
    and are added if they are told. With a fact missing no amount is proposed."""
    s = together.s
    if _differs_in_currency(s):
        rulings.append(Ruling("currency", _ASK, "currency_differs"))
    if _is_no(rulings):
        return _NOTHING
    try:
        amounts = settle(together, routes)
    except FactMissing as missing:
        rulings.append(Ruling("charges", _ASK, missing.code, missing.params))
        zeros = (0,) * len(s.selection.asked)
        return Amounts(fees=zeros, refunds=zeros)
    results = {"fee": amounts.fee, "refund": amounts.refund, "due": amounts.due}
    look = Look(together, together.items[0], results)
    if is_told:
        rulings += [_ruling(charged, look) for charged in amounts.charges]
        rulings += _adjusted(amounts.adjustments)
    try:
        rulings += _checks(s, look)
        rulings += approvals.judge(s, look, routes.values())
    except FactMissing as missing:
        rulings.append(Ruling("approval", _ASK, missing.code, missing.params))
    return amounts


def _checks(s: Situation, look: Look) -> Iterator[Ruling]:
    if s.bound is not Bound.ALL:
        return
    for check in s.policy.checks:
        if not fits(check.test, look):
            continue
        params = check.params(look)
        if check.refuse is not None:
            yield Ruling(check.rule, _NO, check.refuse, params)
        elif check.hand_over is not None:
            yield Ruling(check.rule, _ASK, check.hand_over, params)


def _adjusted(adjustments: Sequence[Sequence[Adjustment]]) -> list[Ruling]:
    """What lowers or raises the refund besides the fee, over all lines."""
    found: dict[tuple[str, str], Ruling] = {}
    for each in (each for line in adjustments for each in line):
        key = each.code, str(each.params.get("promotion", ""))
        known = found.get(key)
        minor = abs(each.amount_minor) + (known.params["amount_minor"] if known else 0)
        params = each.params | {"amount_minor": minor}
        found[key] = Ruling("promotions" if each.params else "parts", _YES, each.code, params)
    return list(found.values())


def _ruling(charged: Charged, look: Look) -> Ruling:
    """What a rule keeps, under the code that explains it."""
    rule, kept = charged.rule, charged.kept
    if charged.code is not None:
        return Ruling(charged.place, _YES, charged.code, _fee(kept))
    if rule is None:
        return Ruling("rules", _YES, "free")
    params = rule.params(look)
    code = _code(rule, charged, look)
    return Ruling(rule.rule, _YES, code, params | (_fee(kept) if kept else {}))


def _code(rule: Rule, charged: Charged, look: Look) -> str:
    names = rule.names
    if not charged.kept:
        return "fee_waived" if "reason" in names and charged.price else "free"
    if rule.is_late or _is_after_start(rule, look):
        return "after_start_fee"
    if "notice" in names:
        return "late_fee"
    return "not_refundable" if charged.kept == charged.price else "fee"


def _is_after_start(rule: Rule, look: Look) -> bool:
    """Whether the rule names the present stage, and that stage is past being open."""
    means = look.s.policy.meaning(look.s.facts.stage)
    return means is not Meaning.OPEN and look.s.policy.is_stage(look.s.facts.stage, rule.stages)


def _fee(kept: int) -> Attributes:
    return {"fee_minor": kept}


def _differs_in_currency(s: Situation) -> bool:
    """Whether fixed amounts can't be read in this subject's currency."""
    own = s.policy.currencies
    return bool(own) and s.facts.currency not in own and s.bound is not Bound.NONE
