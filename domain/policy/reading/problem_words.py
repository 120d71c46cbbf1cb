"""Says in a policy author's words what pydantic finds wrong."""

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel

from domain.policy.clock.calendars import Calendar
from domain.policy.document import (
    Approval,
    Charge,
    Check,
    Combination,
    Document,
    Fact,
    Form,
    Of,
    Rule,
    Steps,
    Table,
    Usage,
)
from domain.policy.vocabulary import TELLABLE

Place = tuple[int | str, ...]

_MODELS: dict[str, type[BaseModel]] = {
    "rules": Rule,
    "checks": Check,
    "approval": Approval,
    "forms": Form,
    "business_days": Calendar,
    "usage": Usage,
    "facts": Fact,
    "rounding": Steps,
    "of": Of,
    "table": Table,
    **dict.fromkeys(("keep", "return"), Combination),
    **dict.fromkeys(("first", "sum", "best", "most", "at_least", "at_most"), Charge),
}
"""What stands under a key."""

_MEANT = {
    **dict.fromkeys(("refund", "give_back", "pay_back"), "return"),
    **dict.fromkeys(("fee", "charge", "penalty", "retain"), "keep"),
    **dict.fromkeys(("min", "minimum", "floor"), "at_least"),
    **dict.fromkeys(("max", "maximum", "cap"), "at_most"),
    **dict.fromkeys(("deny", "reject", "decline"), "refuse"),
    **dict.fromkeys(("if", "condition", "where"), "when"),
    **dict.fromkeys(("tiers", "windows", "policies"), "rules"),
    **dict.fromkeys(("string", "str", "word"), "text"),
    **dict.fromkeys(("integer", "int", "float", "decimal"), "number"),
    **dict.fromkeys(("bool", "flag"), "boolean"),
    **dict.fromkeys(("date", "datetime", "timestamp", "instant"), "moment"),
    **dict.fromkeys(("duration", "period", "interval"), "span"),
    **dict.fromkeys(("amount", "currency_amount"), "money"),
    **dict.fromkeys(("country", "region"), "holidays"),
    "kind": "kinds",
    "name": "title",
    "nights": "first",
}
"""What authors write, and what it is called here."""

_AMOUNTS = ("keep", "return", "at_least", "at_most")
_BEFORE = "Input should be "


def words_of(fault: Mapping[str, Any]) -> str:
    """What is wrong, and what would be right there."""
    loc, key = fault["loc"], _last(fault["loc"])
    match fault["type"]:
        case "extra_forbidden":
            return _no_such(str(loc[-1]), model_at(loc[:-1]))
        case "string_type" if key in _AMOUNTS:
            said = "write an amount as text, such as 50%, 25.00 EUR, nothing or everything"
            return f"{said}; money names its currency"
        case "string_type":
            return "write text here"
        case "string_pattern_mismatch" if loc[-1] == "[key]":
            return (
                "a fact's name begins with attributes., line.attributes., settings., consents., "
                "evidence. or customer."
            )
        case "string_pattern_mismatch":
            return "write a code: small letters, digits and underscores, such as too_late"
        case "dict_type" | "model_type" | "model_attributes_type":
            return "write names with their values here, such as {notice: {under: 24h}}"
        case "tuple_type":
            return "write a list here, each of its entries after a dash"
        case "enum" | "literal_error":
            return _other_word(fault)
        case "too_short":
            return "at least one is needed here"
    return str(fault["msg"]).removeprefix("Value error, ")


def model_at(loc: Place) -> type[BaseModel]:
    """What stands at a place of the document."""
    found = [_MODELS[part] for part in loc if isinstance(part, str) and part in _MODELS]
    return found[-1] if found else Document


def _no_such(name: str, model: type[BaseModel]) -> str:
    known = list(_names(model))
    meant = _MEANT.get(name)
    near = [meant] if meant in known else get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"there may be {', '.join(known)}"
    return f"nothing is called {name!r} here; {hint}"


def _names(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield field.alias or name


def _other_word(fault: Mapping[str, Any]) -> str:
    given = fault.get("input")
    meant = _MEANT.get(given) if isinstance(given, str) else None
    allowed = str(fault["msg"]).removeprefix(_BEFORE)
    if model_at(fault["loc"]) is Fact and fault["loc"][-1] == "type":
        allowed = ", ".join(f"'{each}'" for each in TELLABLE)
    hint = f"did you mean {meant}? " if meant and f"'{meant}'" in allowed else ""
    return f"{given!r:.60} isn't known here; {hint}use {allowed}"


def _last(loc: Place) -> int | str:
    """The key that a place is under."""
    keys = [part for part in loc if isinstance(part, str) and part.isidentifier()]
    return next((key for key in reversed(keys) if key.islower() and key != "str"), "")
