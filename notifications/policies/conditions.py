"""Conditions in words: each test a clause that can stand before a colon."""

from collections.abc import Callable
from typing import Any

from domain.policy.clock.spans import read_notice
from domain.policy.document import Condition, Document
from domain.policy.vocabulary import MOMENTS, Type
from notifications.policies import lengths
from notifications.policies.clauses import Clause, Group, Leaf, clause
from notifications.policies.names import constant, event, group_of, is_name, named, type_of, valued
from notifications.policies.phrases import Phrases

_PARTS = ("weekday", "month", "day", "time")


def condition(
    p: Phrases, document: Document, when: Condition | None, unless: Condition | None = None
) -> str:
    """Both in words; empty where there is none."""
    found = clause(when, unless)
    return _clause(p, document, found) if found else ""


def tested(p: Phrases, document: Document, name: str, bound: str, value: Any) -> str:
    """One test in words."""
    return _leaf(p, document, Leaf(name, bound, value))


def _clause(p: Phrases, document: Document, found: Clause, *, is_inner: bool = False) -> str:
    if isinstance(found, Leaf):
        return _leaf(p, document, found)
    *before, last = (_clause(p, document, part, is_inner=True) for part in found.parts)
    first = p.say("list", "between").join(before)
    told = p.say("clauses", found.word, first=first, last=last)
    return p.say("clauses", "group", text=told) if is_inner else told


def _leaf(p: Phrases, document: Document, leaf: Leaf) -> str:
    if leaf.name == "cel":
        return p.say("tests", leaf.bound, text=leaf.value)
    if leaf.bound in ("known", "unknown"):
        return _known(p, leaf)
    type_ = type_of(document, leaf.name)
    if type_ is Type.DISTANCE:
        return _distance(p, document, leaf)
    if type_ is Type.MOMENT:
        return _calendar(p, document, leaf)
    if type_ in (Type.WEEKDAY, Type.MONTH, Type.DAY, Type.CLOCK):
        return _recurring(p, leaf, type_)
    if type_ is Type.BOOLEAN and isinstance(leaf.value, bool):
        return _yes_or_no(p, leaf)
    if type_ is Type.LIST and leaf.bound in ("is", "not"):
        leaf = leaf._replace(bound="holds" if leaf.bound == "is" else "holds_not")
    return _compared(p, leaf, lambda value: valued(p, document, leaf.name, type_, value))


def _own(p: Phrases, leaf: Leaf, bound: str) -> tuple[str, ...]:
    """Where the phrase of a test is: the name's own, its group's, or the one for all."""
    for section in (leaf.name, group_of(leaf.name)):
        if section and p.find("own_tests", section, bound):
            return ("own_tests", section, bound)
    return ("tests", bound)


def _known(p: Phrases, leaf: Leaf) -> str:
    if leaf.name in MOMENTS:
        return event(p, leaf.name, leaf.bound)
    head, _, rest = leaf.name.partition(".")
    if head in ("since", "until"):
        return event(p, rest, leaf.bound)
    if leaf.name.rpartition(".")[2] in _PARTS and group_of(leaf.name) is None:
        return event(p, leaf.name.rpartition(".")[0], leaf.bound)
    return p.say(*_own(p, leaf, leaf.bound), name=named(p, leaf.name))


def _yes_or_no(p: Phrases, leaf: Leaf) -> str:
    is_yes = leaf.value is (leaf.bound == "is")
    return p.say(*_own(p, leaf, "yes" if is_yes else "no"), name=named(p, leaf.name))


def _compared(p: Phrases, leaf: Leaf, told: Callable[[Any], str]) -> str:
    several = leaf.value if isinstance(leaf.value, (list, tuple)) else [leaf.value]
    values = [told(each) for each in several]
    place = _own(p, leaf, leaf.bound)
    if leaf.bound in ("between", "outside"):
        return p.say(*place, name=named(p, leaf.name), first=values[0], last=values[1])
    return p.say(*place, name=named(p, leaf.name), values=p.listed(values))


def _distance(p: Phrases, document: Document, leaf: Leaf) -> str:
    if leaf.bound in ("between", "outside"):
        return _range(p, document, leaf)
    value = leaf.value
    span = named(p, value) if is_name(document, value) else read_notice(value)
    if leaf.name == "length":
        return _lasting(p, leaf.bound, span)
    head, _, rest = leaf.name.partition(".")
    side = "after" if head == "since" else "before"
    moment = rest if head in ("since", "until") else "start"
    told = lengths.distance(p, side, leaf.bound, span, event(p, moment, "of"))
    return p.say("distances", "lead_time", distance=told) if leaf.name == "lead_time" else told


def _range(p: Phrases, document: Document, leaf: Leaf) -> str:
    """Both ends are included."""
    low, high = leaf.value
    is_in = leaf.bound == "between"
    bounds = ("at_least", "at_most") if is_in else ("under", "over")
    first, last = (
        _distance(p, document, Leaf(leaf.name, bound, value))
        for bound, value in zip(bounds, (low, high), strict=True)
    )
    return p.say("clauses", "and" if is_in else "or", first=first, last=last)


def _lasting(p: Phrases, bound: str, span: Any) -> str:
    if isinstance(span, str):
        return p.say("distances", "length", bound, length=span)
    if span.at is not None or span.weekday is not None:
        told = lengths.distance(p, "after", bound, span, event(p, "start", "of"))
        return p.say("distances", "length", "point", distance=told)
    return p.say("distances", "length", bound, length=lengths.length(p, span))


def _calendar(p: Phrases, document: Document, leaf: Leaf) -> str:
    if leaf.bound in ("between", "outside"):
        first, last = (
            Leaf(leaf.name, bound, value)
            for bound, value in zip(
                ("at_least", "at_most") if leaf.bound == "between" else ("under", "over"),
                leaf.value,
                strict=True,
            )
        )
        return _clause(p, document, Group("and" if leaf.bound == "between" else "or",
                                          (first, last)))  # fmt: skip
    value = valued(p, document, leaf.name, Type.MOMENT, leaf.value)
    section = "now" if leaf.name == "now" else "other"
    return p.say("calendar", section, leaf.bound, event=event(p, leaf.name, "is"), value=value)


def _recurring(p: Phrases, leaf: Leaf, type_: Type) -> str:
    moment, _, part = leaf.name.rpartition(".")
    several = leaf.value if isinstance(leaf.value, (list, tuple)) else [leaf.value]
    values = [constant(p, type_, each) for each in several]
    if leaf.bound in ("between", "outside"):
        when = p.say("recurring", part, leaf.bound, first=values[0], last=values[1])
    else:
        when = p.say("recurring", part, leaf.bound, values=p.listed(values))
    section = "now" if moment == "now" else "other"
    return p.say("recurring", section, event=event(p, moment, "is"), when=when)
