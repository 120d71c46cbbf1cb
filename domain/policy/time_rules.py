"""Rules of the clock, and of the reason that is given."""

from collections.abc import Callable, Iterator
from datetime import datetime

from domain.decisions import Outcome
from domain.policy.deadlines import FactMissing, after, before, day_of, instant
from domain.policy.document import AfterStart
from domain.policy.situation import Bound, Ruling, Situation, asked_starts
from domain.policy.state_rules import named_stage
from domain.values import Moment

_NO, _ASK, _YES = Outcome.DECLINED, Outcome.HAND_OVER, Outcome.ALLOWED


def judge(s: Situation, at: datetime | None) -> Iterator[Ruling]:
    """Look at the rules of time and reason that bind this request. A missing fact hands over."""
    if s.bound is Bound.NONE:
        return
    yield from _or_ask("built_in.started", _started, s, at)
    if s.bound is Bound.ALL:
        yield from _or_ask("before_start", _before_start, s, at)
        yield from _or_ask("since_placement", _since_placement, s, at)
        yield from _reason(s)


def now_of(at: datetime | None) -> datetime:
    """The instant of the request, which a rule turns out to need."""
    if at is None:
        raise FactMissing("requested_at_missing")
    return at


def has_started(start: Moment, at: datetime, zone: str) -> bool:
    """Whether it began before this instant. On a civil date's own day nobody knows."""
    if isinstance(start, datetime):
        return at > start
    today = day_of(at, zone)
    if today == start:
        raise FactMissing("start_time_missing")
    return today > start


def after_start(s: Situation, start: Moment | None, at: datetime) -> tuple[int, AfterStart] | None:
    """The first rule, with its place, that lets one cancel after the start or when finished."""
    for place, rule in enumerate(s.policy.after_start):
        if rule.stages and not named_stage(s, rule):
            continue
        if rule.within is not None or not rule.stages:
            if start is None or not has_started(start, at, s.facts.zone):
                continue
            if rule.within is not None and at > after(instant(start), rule.within, s.facts.zone):
                continue
        return place, rule
    return None


def _or_ask(
    rule: str,
    look: Callable[[Situation, datetime | None], Iterator[Ruling]],
    s: Situation,
    at: datetime | None,
) -> Iterator[Ruling]:
    try:
        yield from look(s, at)
    except FactMissing as missing:
        yield Ruling(rule, _ASK, missing.code)


def _started(s: Situation, at: datetime | None) -> Iterator[Ruling]:
    begins = asked_starts(s)
    for start, lines in begins.items():
        if _is_early_enough(s, start, now_of(at)) or not has_started(
            start, now_of(at), s.facts.zone
        ):
            continue
        rule = after_start(s, start, now_of(at))
        if rule is None:
            params = {"started_at": start.isoformat(), "lines": lines}
            yield Ruling("built_in.started", _NO, "already_started", params)
        else:
            yield Ruling(f"after_start[{rule[0]}]", _YES)
    if begins:
        yield Ruling("built_in.started", _YES)


def _is_early_enough(s: Situation, start: Moment, at: datetime) -> bool:
    """Whether the policy's own cutoff already settles a start of which only the day is known."""
    notice = s.policy.before_start
    if notice is None or notice.elapsed is not None or isinstance(start, datetime):
        return False
    return s.bound is Bound.ALL and at <= before(start, notice, s.facts.zone)


def _before_start(s: Situation, at: datetime | None) -> Iterator[Ruling]:
    notice = s.policy.before_start
    if notice is None:
        return
    for start, lines in asked_starts(s).items():
        until = before(start, notice, s.facts.zone)
        params = {"notice": str(notice), "until": until.isoformat(), "lines": lines}
        if now_of(at) <= until:
            yield Ruling("before_start", _YES, params=params)
        elif after_start(s, start, now_of(at)) is None:
            yield Ruling("before_start", _NO, "too_late", params)


def _since_placement(s: Situation, at: datetime | None) -> Iterator[Ruling]:
    period, placed = s.policy.since_placement, s.facts.placed_at
    if period is None:
        return
    if placed is None:
        raise FactMissing("placed_at_missing")
    until = after(placed, period, s.facts.zone)
    params = {"period": str(period), "until": until.isoformat()}
    if now_of(at) <= until:
        yield Ruling("since_placement", _YES, params=params)
    else:
        yield Ruling("since_placement", _NO, "window_over", params)


def _reason(s: Situation) -> Iterator[Ruling]:
    rules, reason = s.policy.reasons, s.request.reason
    params = {"reason": reason}
    if rules.accepted:
        if reason is None:
            yield Ruling("reasons.accepted", _NO, "reason_required")
        elif reason not in rules.accepted:
            yield Ruling("reasons.accepted", _NO, "reason_not_accepted", params)
        else:
            yield Ruling("reasons.accepted", _YES, params=params)
    if rules.rejected and reason is not None:
        if reason in rules.rejected:
            yield Ruling("reasons.rejected", _NO, "reason_not_accepted", params)
        else:
            yield Ruling("reasons.rejected", _YES, params=params)
