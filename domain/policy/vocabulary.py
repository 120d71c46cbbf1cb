"""The names that conditions and charges may use, and what each stands for."""

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from enum import StrEnum
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.policy.clock.deadlines import FactMissing, day_of, instant
from domain.policy.look import Get, Look
from domain.policy.reading.quantities import Part
from domain.policy.usage import usage
from domain.values import Moment

if TYPE_CHECKING:
    from domain.policy.document import Fact


class Type(StrEnum):
    """What a name stands for. Facts are declared as one of the first nine."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MONEY = "money"
    PERCENT = "percent"
    SPAN = "span"
    MOMENT = "moment"
    LIST = "list"
    ANY = "any"
    DISTANCE = "distance"
    WEEKDAY = "weekday"
    MONTH = "month"
    DAY = "day"
    CLOCK = "clock"


TELLABLE = tuple(Type)[:9]


class Name(NamedTuple):
    """One name: how it reads, and in a sentence what it means.

    A distance runs between `get` (the far moment) and `here`; `is_since` where the far one is past.
    """

    type: Type
    get: Get
    means: str
    is_per_line: bool = False
    is_result: bool = False
    here: Get | None = None
    is_since: bool = False


def _some(get: Get, code: str) -> Get:
    def needed(look: Look) -> Any:
        found = get(look)
        if found is None:
            raise FactMissing(code)
        return found

    return needed


def _result(name: str, look: Look) -> int:
    assert look.results is not None
    return look.results[name]


def _persons(look: Look) -> int:
    persons = {item.line.person for item in look.together.items if item.line.person}
    if not persons:
        raise FactMissing("persons_missing")
    return len(persons)


def _remaining(look: Look) -> int:
    together, parts = look.together, look.s.selection.parts
    here = {item.line.id for item in together.items}
    before = sum(part.price_before for part in parts if part.line.id not in here)
    return look.s.total - together.price - before


def _share(look: Look) -> Part:
    total = look.s.total
    if not total:
        return Part(1, 1)
    share = Fraction(total - _remaining(look), total)
    return Part(share.numerator, share.denominator)


def _used(look: Look) -> Part:
    share = Fraction(*usage(look))
    return Part(share.numerator, share.denominator)


def _counted(name: str, look: Look) -> Any:
    found = look.fact("customer", name)
    if found is None:
        raise FactMissing("fact_missing", {"name": f"customer.{name}"})
    return found


def _now(look: Look) -> Moment:
    return look.now


MOMENTS: dict[str, tuple[Get, str]] = {
    "now": (_now, "the instant of the request"),
    "placed": (
        _some(lambda look: look.s.facts.placed_at, "placed_at_missing"),
        "when it was ordered or booked",
    ),
    "start": (lambda look: look.start, "when the line starts, or the subject"),
    "original_start": (
        lambda look: look.s.facts.original_starts_at or look.start,
        "when it was to start before it was moved",
    ),
    "end": (lambda look: look.end, "when the line ends, or the subject"),
    "delivered": (
        _some(lambda look: look.s.facts.delivered_at, "delivered_at_missing"),
        "when the last parcel arrived",
    ),
}

_T, _N, _M = Type.TEXT, Type.NUMBER, Type.MONEY

NAMES: dict[str, Name] = {
    "kind": Name(_T, lambda look: look.s.facts.kind, "order or appointment"),
    "stage": Name(_T, lambda look: look.s.facts.stage, "the merchant's word, or what it means"),
    "currency": Name(_T, lambda look: look.s.facts.currency, "three letters"),
    "reason": Name(_T, lambda look: look.s.request.reason, "the code of the reason given"),
    "initiator": Name(_T, lambda look: look.s.request.initiator, "who cancels"),
    "method": Name(_T, lambda look: look.s.request.method, "the refund method asked for"),
    "reschedules": Name(_N, lambda look: look.s.facts.reschedules, "how often it was moved"),
    "whole": Name(
        Type.BOOLEAN, lambda look: look.together.is_whole, "whether nothing else is left"
    ),
    "price": Name(_M, lambda look: look.together.price, "of what is cancelled"),
    "total": Name(_M, lambda look: look.s.total, "of the subject as bought"),
    "paid": Name(_M, lambda look: look.s.paid, "what was captured"),
    "remaining": Name(_M, _remaining, "what stays of the price when this is cancelled"),
    "share": Name(Type.PERCENT, _share, "how much of the whole is cancelled, by price"),
    "used": Name(Type.PERCENT, _used, "how much of it is used up, as the policy counts it", True),
    "quantity": Name(
        _N, lambda look: sum(item.units for item in look.together.items), "units cancelled"
    ),
    "persons": Name(_N, _persons, "how many persons the lines are for"),
    "line.kind": Name(_T, lambda look: look.item.line.kind, "goods, service, fee, shipping", True),
    "line.category": Name(_T, lambda look: look.item.line.category, "the line's category", True),
    "line.component": Name(_T, lambda look: look.item.line.component, "part of a price", True),
    "line.sku": Name(_T, lambda look: look.item.line.sku, "the merchant's article", True),
    "line.person": Name(_T, lambda look: look.item.line.person, "whom it is for", True),
    "line.status": Name(_T, lambda look: look.item.line.status, "the line's own stage", True),
    "line.quantity": Name(_N, lambda look: look.item.line.quantity, "units bought", True),
    "line.price": Name(_M, lambda look: look.item.price, "of the units cancelled", True),
    "line.unit_price": Name(_M, lambda look: look.item.line.unit_price_minor, "of one unit", True),
    "customer.cancellations_this_year": Name(
        _N, partial(_counted, "cancellations_this_year"), "counted by the merchant"
    ),
    "customer.no_shows_this_year": Name(
        _N, partial(_counted, "no_shows_this_year"), "counted by the merchant"
    ),
    "fee": Name(_M, partial(_result, "fee"), "what is kept in all", False, True),
    "refund": Name(_M, partial(_result, "refund"), "what goes back in all", False, True),
    "due": Name(_M, partial(_result, "due"), "what is to be paid on top", False, True),
    "notice": Name(
        Type.DISTANCE, MOMENTS["start"][0], "from the request to the start", True, False, _now
    ),
    "lead_time": Name(
        Type.DISTANCE,
        MOMENTS["start"][0],
        "from ordering to the start",
        True,
        False,
        MOMENTS["placed"][0],
    ),
    "length": Name(
        Type.DISTANCE,
        MOMENTS["end"][0],
        "from the start to the end",
        True,
        False,
        MOMENTS["start"][0],
    ),
}

_PARTS: dict[str, tuple[Type, Callable[[Moment, str], Any]]] = {
    "weekday": (Type.WEEKDAY, lambda moment, zone: day_of(moment, zone).weekday()),
    "month": (Type.MONTH, lambda moment, zone: day_of(moment, zone).month),
    "day": (
        Type.DAY,
        lambda moment, zone: (day_of(moment, zone).month, day_of(moment, zone).day),
    ),
}
_FACT = re.compile(r"(line\.attributes|attributes|settings|consents|evidence|customer)\.([\w.]+)")


def name_of(text: str, facts: Mapping[str, "Fact"], read: Callable[["Fact", Any], Any]) -> Name:
    """Find what a name stands for. Raises ValueError, which suggests the nearest known one.

    `read` turns a told fact into what its type says; it raises ValueError for what can't be read.
    """
    if text in facts:
        return _fact(text, facts[text], read)
    if text in NAMES:
        return NAMES[text]
    head, _, rest = text.partition(".")
    if head in ("since", "until") and rest and rest != "now":
        far = _moment(rest, facts, read)
        return Name(Type.DISTANCE, far, "", True, False, _now, head == "since")
    if text in MOMENTS:
        return Name(Type.MOMENT, MOMENTS[text][0], MOMENTS[text][1], True)
    moment, _, part = text.rpartition(".")
    if part in (*_PARTS, "time") and (moment in MOMENTS or moment in facts):
        return _part(_moment(moment, facts, read), part)
    raise ValueError(_unknown(text, facts))


def _moment(text: str, facts: Mapping[str, "Fact"], read: Callable[["Fact", Any], Any]) -> Get:
    if text in MOMENTS:
        return MOMENTS[text][0]
    if text in facts and facts[text].type is Type.MOMENT:
        return _fact(text, facts[text], read).get
    raise ValueError(_unknown(text, facts))


def _part(get: Get, part: str) -> Name:
    if part == "time":
        return Name(Type.CLOCK, partial(_clock, get), "the time of day at the place", True)
    kind, work = _PARTS[part]
    return Name(kind, lambda look: work(get(look), look.s.facts.zone), part, True)


def _clock(get: Get, look: Look) -> Any:
    return instant(get(look)).astimezone(look.s.zone).time()


def _fact(text: str, fact: "Fact", read: Callable[["Fact", Any], Any]) -> Name:
    """A fact that isn't told has its default; one told in a wrong form isn't told."""
    match = _FACT.fullmatch(text)
    assert match is not None
    group, own = match[1], match[2].split(".")
    default = None if fact.default is None else read(fact, fact.default)

    def get(look: Look) -> Any:
        told = look.fact(group, own[0])
        for name in own[1:]:
            told = told.get(name) if isinstance(told, Mapping) else None
        if told is not None:
            try:
                return read(fact, told)
            except ValueError:
                raise FactMissing("fact_unreadable", {"name": text}) from None
        if default is None:
            raise FactMissing("fact_missing", {"name": text})
        return default

    return Name(fact.type, get, "", group == "line.attributes")


_MEANT = {
    **dict.fromkeys(("status", "state"), "stage"),
    **dict.fromkeys(("guests", "passengers", "party_size"), "persons"),
    **dict.fromkeys(("amount", "value"), "price"),
    **dict.fromkeys(("date", "today"), "now"),
    **dict.fromkeys(("hours_before", "days_before", "time_before"), "notice"),
    **dict.fromkeys(("nights", "duration"), "length"),
    **dict.fromkeys(("placed_at", "booked_at", "created_at", "ordered"), "placed"),
    **dict.fromkeys(("starts_at", "arrival", "departure", "check_in"), "start"),
    **dict.fromkeys(("ends_at", "check_out"), "end"),
    **dict.fromkeys(("category", "item.category"), "line.category"),
    "delivered_at": "delivered",
    "or": "any",
    "and": "all",
}
"""What authors write, and what it is called here."""


def _unknown(text: str, facts: Mapping[str, "Fact"]) -> str:
    near = [_MEANT[text]] if text in _MEANT else []
    near = near or get_close_matches(text, [*NAMES, *MOMENTS, *facts], n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    if _FACT.fullmatch(text):
        hint = hint or "; declare it under facts"
    return f"nothing is called {text!r}{hint}"
