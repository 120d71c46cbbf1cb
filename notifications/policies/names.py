"""The names that conditions use, and their values, in words."""

from datetime import date, datetime
from typing import Any

from babel.dates import (
    format_date,
    format_datetime,
    format_skeleton,
    format_time,
    get_day_names,
    get_month_names,
)

from domain.policy.document import Document
from domain.policy.reading.literals import read_literal, read_told
from domain.policy.vocabulary import MOMENTS, NAMES, Type, name_of
from notifications import formats
from notifications.policies.phrases import Phrases

_GROUPS = (
    "line.attributes",
    "attributes",
    "settings",
    "consents",
    "evidence",
    "customer",
)
_CODED = ("stage", "line.status", "initiator", "kind", "line.kind")


def type_of(document: Document, name: str) -> Type:
    return name_of(name, document.facts, read_told).type


def is_name(document: Document, value: object) -> bool:
    """Whether a bound or an amount names something rather than being a constant."""
    return isinstance(value, str) and (
        value in NAMES or value in document.facts or "attributes." in value or "settings." in value
    )


def group_of(name: str) -> str | None:
    """The group of facts that a name is in; None for what every request has."""
    return next((group for group in _GROUPS if name.startswith(f"{group}.")), None)


def named(p: Phrases, name: str) -> str:
    """A name in words; a fact's own name stands in quotes."""
    group = group_of(name)
    if group is None:
        head, _, rest = name.partition(".")
        if head in ("since", "until"):
            return p.say("names", head, event=event(p, rest, "of"))
        return p.say("names", name)
    own = name.removeprefix(f"{group}.").removesuffix("_minor")
    quoted = p.quoted(own.replace("_", " ").replace(".", ", "))
    return p.say("names", group, name=quoted)


def event(p: Phrases, moment: str, form: str) -> str:
    """A moment in words: as a subject (`is`), after before and after (`of`), `known`."""
    if moment in MOMENTS:
        return p.say("events", moment, form)
    return p.say("events", "fact", form, name=named(p, moment))


def valued(p: Phrases, document: Document, name: str, type_: Type, value: Any) -> str:
    """A bound in words: a constant as people write it, or another name."""
    if type_ is Type.MOMENT and value in MOMENTS:
        return event(p, value, "of")
    if type_ is not Type.TEXT and is_name(document, value):
        return named(p, value)
    if name in _CODED:
        return p.coded("stage" if name == "line.status" else name, str(value))
    return constant(p, type_, value)


def constant(p: Phrases, type_: Type, value: Any) -> str:
    if type_ in (Type.TEXT, Type.ANY, Type.LIST):
        return p.quoted(str(value).replace("_", " "))
    if type_ is Type.BOOLEAN:
        return p.say("facts", "yes" if value else "no")
    if type_ is Type.PERCENT:
        return percent(p, value)
    read = read_literal(type_, value)
    if type_ is Type.MONEY:
        return formats.money(read.minor, read.currency, p.locale)
    if type_ is Type.NUMBER:
        return p.number(read)
    return _of_time(p, type_, read)


def percent(p: Phrases, value: Any) -> str:
    part = read_literal(Type.PERCENT, value)
    hundredths = part.numerator * 100 / part.denominator
    if isinstance(value, str) and "/" in value:
        return value.replace(" ", "")
    return p.say("percent", number=p.number(hundredths))


def _of_time(p: Phrases, type_: Type, read: Any) -> str:
    if type_ is Type.WEEKDAY:
        return str(get_day_names("wide", locale=p.locale)[read])
    if type_ is Type.MONTH:
        return str(get_month_names("wide", locale=p.locale)[read])
    if type_ is Type.DAY:
        return str(format_skeleton("MMMMd", date(2024, *read), locale=p.locale))
    if type_ is Type.CLOCK:
        return str(format_time(read, "short", locale=p.locale))
    if isinstance(read, datetime):
        return f"{format_datetime(read, 'long', locale=p.locale)}"
    assert isinstance(read, date)
    return str(format_date(read, "long", locale=p.locale))
