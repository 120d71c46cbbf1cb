"""Which rule decides about a line: the first of the table that fits it."""

from collections.abc import Sequence
from datetime import date, datetime

from domain.decisions import Outcome
from domain.policy.charges import fits
from domain.policy.clock.deadlines import FactMissing, day_of, instant
from domain.policy.look import Item, Look, Together
from domain.policy.policy import Rule
from domain.policy.situation import Bound, Ruling, Situation
from domain.policy.state_rules import is_finished, names_late_stage, names_stage
from domain.values import Attributes, Moment

_NO, _ASK = Outcome.DECLINED, Outcome.HAND_OVER


def route(together: Together, item: Item) -> tuple[Rule | None, Ruling | None]:
    """The rule that says what is kept of a line, and what speaks against cancelling it.

    Neither: all of it goes back. A missing fact that a rule needs is a question for a person.
    """
    s = together.s
    if s.bound is Bound.FACTS and not s.policy.names_initiator:
        return None, _over(together, item)
    try:
        return _routed(together, item)
    except FactMissing as missing:
        return None, Ruling("rules", _ASK, missing.code, missing.params)


def may_be_cancelled(together: Together, item: Item) -> bool:
    """Whether no rule surely refuses this line, whatever another request for it might say."""
    s, look, started = together.s, Look(together, item), _started(together, item)
    is_over = isinstance(started, date) or is_finished(s)
    if not s.policy.refuses and not is_over:
        return True
    for rule in _candidates(look, started):
        fit = _may_fit(rule, look)
        if fit or (fit is None and rule.refuse is None):
            return rule.refuse is None
    return not is_over


def _may_fit(rule: Rule, look: Look) -> bool | None:
    """Whether a rule fits. None: it might, for another request or once a fact is known."""
    if rule.depends_on_request:
        return None
    try:
        return fits(rule.test, look)
    except FactMissing:
        return None


def charging_rule(together: Together, item: Item) -> Rule | None:
    """The rule that charges a line, whatever would refuse it by now: the one that decides about it,
    or the first that charges and fits."""
    rule, against = route(together, item)
    if against is None:
        return rule
    look = Look(together, item)
    started = _started(together, item)
    rules = _binding(together.s)
    for is_strict in (True, False):
        for rule in rules:
            if rule.node is None or (is_strict and not _reaches(look, rule, started)):
                continue
            if fits(rule.test, look):
                return rule
    return None


def has_started(start: Moment, at: datetime, zone: str) -> bool:
    """Whether it began before this instant. Raises FactMissing on a civil date's own day."""
    if isinstance(start, datetime):
        return at > start
    today = day_of(at, zone)
    if today == start:
        raise FactMissing("start_time_missing")
    return today > start


def refused_lines(s: Situation, at: datetime | None) -> frozenset[str]:
    """Lines that a rule about lines refuses, if others remain."""
    together = s.asked(at)
    refused = set()
    for item in together.items:
        rule, no = route(together, item)
        if no and no.outcome is _NO and rule and rule.is_about_lines:
            refused.add(item.line.id)
    return frozenset(refused) if len(refused) < len(together.items) else frozenset()


def _over(together: Together, item: Item) -> Ruling | None:
    """A no, or a question, where it began already and no rule reaches beyond the start."""
    started = _started(together, item)
    if isinstance(started, FactMissing):
        return Ruling("built_in.started", _ASK, started.code, started.params)
    return None if started is None else _already_started(started, item)


def _already_started(start: Moment, item: Item) -> Ruling:
    params: Attributes = {"started_at": start.isoformat(), "lines": [item.line.id]}
    return Ruling("built_in.started", _NO, "already_started", params)


def _started(together: Together, item: Item) -> "Moment | FactMissing | None":
    """The start that is past, or why nobody knows; None where it lies ahead, or there is none.

    Before a deadline that the policy sets by the clock, such as 18:00 on the day, nothing is over.
    """
    try:
        start = together.s.start_of(item.line)
        if start is None or not has_started(start, together.now, together.s.facts.zone):
            return None
        started: Moment | FactMissing = start
    except FactMissing as missing:
        started = missing
    look = Look(together, item)
    for rule in together.s.policy.rules:
        call = _last_call(look, rule)
        if call is not None and together.now <= call:
            return None
    return started


def _last_call(look: Look, rule: Rule) -> datetime | None:
    """The last deadline by the clock that a rule names."""
    if not rule.notices:
        return None
    last = None
    try:
        for test in rule.notices:
            call = test.last_call(look)
            if call is not None and (last is None or call > last):
                last = call
    except FactMissing:
        return None
    return last


def _routed(together: Together, item: Item) -> tuple[Rule | None, Ruling | None]:
    look, started = Look(together, item), _started(together, item)
    candidates = _candidates(look, started)
    is_past = isinstance(started, date)
    if is_past and not any(rule.refuse is None for rule in candidates):
        return None, _nothing_fits(look, started)
    rule, missing = _first_fitting(candidates, look)
    found = _chosen(rule, look, started) if rule else (None, _nothing_fits(look, started))
    if missing and not (found[1] and found[1].outcome is _NO):
        raise missing
    return found


def _first_fitting(rules: Sequence[Rule], look: Look) -> tuple[Rule | None, FactMissing | None]:
    """Where nobody knows whether a rule refuses, a later no makes it one either way."""
    missing = None
    for rule in rules:
        try:
            if fits(rule.test, look):
                return rule, missing
        except FactMissing as error:
            missing = missing or error
            if rule.refuse is None:
                raise missing from None
    return None, missing


def _chosen(
    rule: Rule, look: Look, started: "Moment | FactMissing | None"
) -> tuple[Rule | None, Ruling | None]:
    """What the rule that fits says: its charge, a no, or a question."""
    if rule.refuse is not None:
        return rule, _refusal(rule, look)
    if isinstance(started, FactMissing) and not _is_settled(look, rule):
        return None, Ruling("built_in.started", _ASK, started.code, started.params)
    if rule.hand_over is not None:
        return rule, Ruling(rule.rule, _ASK, rule.hand_over, rule.params(look))
    return rule, None


def _nothing_fits(look: Look, started: "Moment | FactMissing | None") -> Ruling | None:
    """Over already, or a person has to say; where no rule keeps anything, all of it goes back."""
    s = look.s
    if isinstance(started, date):
        return _already_started(started, look.item)
    if is_finished(s) and s.bound is not Bound.NONE:
        return Ruling("built_in.finished", _NO, "already_finished", {"stage": s.facts.stage})
    if isinstance(started, FactMissing):
        return Ruling("built_in.started", _ASK, started.code, started.params)
    if s.policy.keeps and s.bound is not Bound.FACTS:
        return Ruling("rules", _ASK, "amount_open")
    return None


def _candidates(look: Look, started: "Moment | FactMissing | None") -> Sequence[Rule]:
    """The rules that may speak here: for a favour none that refuse, for the business those that
    name the initiator, and after the end of something those that reach that far; where one does,
    those that only tell lines apart do as well."""
    s = look.s
    rules = _binding(s)
    if s.bound is Bound.NONE:
        return [rule for rule in rules if rule.refuse is None]
    if not isinstance(started, date) and not is_finished(s):
        return rules
    reaching = [rule for rule in rules if rule.refuse is None and _reaches(look, rule, started)]
    if reaching:
        reaching += [rule for rule in rules if rule.is_about_lines_alone]
    return [rule for rule in rules if rule.refuse is not None or rule in reaching]


def _binding(s: Situation) -> Sequence[Rule]:
    if s.bound is Bound.FACTS:
        return [rule for rule in s.policy.rules if "initiator" in rule.names]
    return s.policy.rules


def _reaches(look: Look, rule: Rule, started: "Moment | FactMissing | None") -> bool:
    if names_late_stage(look.s, look.item.line, rule):
        return True
    if is_finished(look.s):
        return False
    if rule.is_late or not isinstance(started, date):
        return True
    call = _last_call(look, rule)
    return call is not None and _is_after(call, started, look.s.facts.zone)


def _is_after(call: datetime, start: Moment, zone: str) -> bool:
    """Whether a deadline lies after a start, or on the day of one whose time nobody knows."""
    if isinstance(start, datetime):
        return call > instant(start)
    return day_of(call, zone) >= start


def _is_settled(look: Look, rule: Rule) -> bool:
    """Whether a rule decides although nobody knows if it began: by its stage, or because the policy
    counts the days before."""
    return names_stage(look.s, rule) or rule.is_late or look.s.policy.names_notice


def _refusal(rule: Rule, look: Look) -> Ruling:
    assert rule.refuse is not None
    params = rule.params(look)
    if rule.is_about_lines or "notice" in rule.names:
        params["lines"] = [look.item.line.id]
    return Ruling(rule.rule, _NO, rule.refuse, params)
