"""Lengths of time, and what lies so far from a moment, in words."""

from babel.dates import format_time, get_day_names

from domain.policy.clock.spans import Span
from notifications.policies.phrases import Phrases

_SENSES = {
    "before": {"at_least": "until", "under": "past", "over": "ahead", "at_most": "from"},
    "after": {"at_most": "until", "over": "past", "under": "ahead", "at_least": "from"},
}
"""What a bound means on the line of time, by the side of the moment that it lies on."""


def length(p: Phrases, span: Span) -> str:
    """A length alone, without its time of day."""
    own = _own(p, span)
    if span.then is None:
        return own
    return p.say("lengths", "then", first=own, last=length(p, span.then))


def distance(p: Phrases, side: str, bound: str, span: Span | str, event: str) -> str:
    """A request so far `before` or `after` a moment; `span` may be the name of one in words."""
    sense = _SENSES[side][bound]
    if isinstance(span, str):
        return p.say("distances", side, bound, length=span, event=event)
    if span.at is not None or span.weekday is not None:
        return p.say("distances", "point", sense, point=_point(p, side, span, event))
    if span.elapsed is not None and not span.elapsed:
        return p.say("distances", "zero", sense, event=event)
    if _is_days(span, 0):
        return p.say("distances", "same_day", sense, event=event)
    if side == "before" and _is_days(span, 1) and p.find("distances", "day_before", sense):
        return p.say("distances", "day_before", sense, event=event)
    return p.say("distances", side, bound, length=length(p, span), event=event)


def _is_days(span: Span, count: int) -> bool:
    others = (span.elapsed, span.business_days, span.weekday, span.then)
    return span.days == count and not span.months and all(each is None for each in others)


def _own(p: Phrases, span: Span) -> str:
    if span.elapsed is not None:
        return _elapsed(p, int(span.elapsed.total_seconds()))
    if span.weekday is not None:
        return str(get_day_names("wide", locale=p.locale)[span.weekday])
    if span.business_days is not None:
        if span.business_days == 0:
            return p.say("lengths", "next_business_day")
        return p.count("lengths", "business_day", n=span.business_days)
    if span.months and span.months % 12 == 0:
        return p.count("lengths", "year", n=span.months // 12)
    if span.months:
        return p.count("lengths", "month", n=span.months)
    return p.count("lengths", "day", n=span.days)


def _elapsed(p: Phrases, seconds: int) -> str:
    if seconds % 3600 == 0:
        hours = p.count("lengths", "hour", n=seconds // 3600)
        if seconds % 86_400 or seconds < 3 * 86_400:
            return hours
        days = p.count("lengths", "elapsed_days", n=seconds // 86_400)
        return p.say("lengths", "in_days", length=hours, days=days)
    if seconds % 60:
        return p.count("lengths", "second", n=seconds)
    whole, minutes = divmod(seconds // 60, 60)
    told = p.count("lengths", "minute", n=minutes)
    if not whole:
        return told
    return p.say("lengths", "joined", first=p.count("lengths", "hour", n=whole), last=told)


def _point(p: Phrases, side: str, span: Span, event: str) -> str:
    """A time of day, or a weekday, so far from a moment."""
    time = format_time(span.at, "short", locale=p.locale) if span.at is not None else ""
    if span.weekday is not None:
        day = get_day_names("wide", locale=p.locale)[span.weekday]
        point = p.say("points", f"weekday_{side}", weekday=day, event=event)
        if span.weeks is not None:
            point = p.count("points", f"week_{side}", n=span.weeks, weekday=day, event=event)
        return p.say("points", "at", point=point, time=time) if time else point
    if span.business_days is None and not span.months and span.then is None:
        return p.count("points", f"day_{side}", n=span.days, time=time, event=event)
    return p.say("points", f"length_{side}", time=time, length=length(p, span), event=event)
