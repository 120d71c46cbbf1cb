"""The reference of the policy language, written from its schema and its vocabulary."""

from collections.abc import Iterator, Mapping
from inspect import cleandoc
from typing import Any

from domain.policy.clock import calendars, spans
from domain.policy.schema import json_schema
from domain.policy.vocabulary import MOMENTS, NAMES, Type

_ORDER = (
    *(
        "Rule",
        "Charge",
        "Combination",
        "Table",
        "Base",
        "Of",
        "Steps",
        "Condition",
        "Fact",
        "Check",
    ),
    *("Approval", "Form", "Warehouse", "Calendar", "Usage", "Period", "Starts"),
)
_ANYWHERE = (
    "Rounding",
    "RefundRule",
    "OnRefused",
    "IfRefundFails",
    "IfSilent",
    "Share",
    "PromotionRule",
    "Kind",
    "Stage",
)
_TYPES = {
    Type.TEXT: "words; compared without regard to case",
    Type.NUMBER: "a number",
    Type.BOOLEAN: "true or false",
    Type.MONEY: "25.00 EUR in the document; minor units where it is told",
    Type.PERCENT: "50%, 12.5% or 1/3; where it is told also a bare number: 10 is 10%",
    Type.SPAN: "a length of time; where it is told also a number of its unit, or [2, hours]",
    Type.MOMENT: "2026-05-31, or 2026-05-31T18:00:00+02:00; a day is a day at the place",
    Type.LIST: "several values, for `closed_from` and expressions",
    Type.ANY: "whatever JSON can hold, for expressions",
    Type.DISTANCE: "compared with a length of time by under, over, at_least, at_most",
    Type.WEEKDAY: "mon, tue … sun",
    Type.MONTH: "1 … 12, or jan … dec",
    Type.DAY: "12-24, a day of any year",
    Type.CLOCK: '"18:00", in quotes',
}

_ABOUT = """\
Written by `rescind policy reference` from the schema; `make test` checks that it is current. The
[guide](policy-guide.md) teaches the language by examples."""

_TESTS = """\
A test is a value (equal), a list (one of), or bounds: `under`, `over`, `at_least`, `at_most`,
`between` (both ends included; days, months and times may run over the turn of the year, or
midnight), `is`, `not`, `known: true` or `false`. Several bounds must all hold. A bound may name
another fact of the same type."""


def reference() -> str:
    """The whole page, in Markdown."""
    schema = json_schema()
    return "\n".join((*_head(schema), *_parts(schema), *_names(), *_lengths())) + "\n"


def _head(schema: Mapping[str, Any]) -> Iterator[str]:
    yield "# Policy reference"
    yield ""
    yield _ABOUT
    yield ""
    yield "## The document"
    yield ""
    yield cleandoc(schema["description"])
    yield ""
    yield from _fields(schema)


def _parts(schema: Mapping[str, Any]) -> Iterator[str]:
    parts = schema["$defs"]
    for name in (*_ORDER, *_ANYWHERE):
        part = _object(parts[name])
        yield f"## {name}"
        yield ""
        if "description" in part:
            yield cleandoc(part["description"])
            yield ""
        if "enum" in part:
            yield "One of " + ", ".join(f"`{each}`" for each in part["enum"]) + "."
            yield ""
        elif name != "Condition":
            yield from _fields(part)


def _object(part: Mapping[str, Any]) -> Mapping[str, Any]:
    """A part that may be written short is described by its long form."""
    found: Mapping[str, Any] = part["anyOf"][-1] if "anyOf" in part else part
    return found


def _fields(part: Mapping[str, Any]) -> Iterator[str]:
    yield "| field | is | usually |"
    yield "|---|---|---|"
    needed = part.get("required", ())
    for name, field in part["properties"].items():
        usual = "needed" if name in needed else _default(field)
        yield f"| `{name}` | {_kind(field)} | {usual} |"
    yield ""


def _default(field: Mapping[str, Any]) -> str:
    value = field.get("default")
    return "" if value in (None, [], {}, "") else f"`{value}`"


def _kind(field: Mapping[str, Any]) -> str:
    """What a field takes, in words, with a link to the part that it is made of."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        kinds = [_kind(each) for each in field["anyOf"] if each.get("type") != "null"]
        return " or ".join(dict.fromkeys(kinds))
    if "enum" in field:
        return ", ".join(f"`{each}`" for each in field["enum"])
    if field.get("type") == "array":
        return f"list of {_kind(field.get('items', {}))}"
    if field.get("type") == "object":
        return f"table of {_kind(field.get('additionalProperties', {}) or {})}"
    return str(field.get("type", "any value"))


def _names() -> Iterator[str]:
    yield "## Names"
    yield ""
    yield "What a condition may test. Facts declared under `facts` are names as well."
    yield ""
    yield "| name | type | means |"
    yield "|---|---|---|"
    for text, name in NAMES.items():
        result = "; only in checks and the approval" if name.is_result else ""
        yield f"| `{text}` | {name.type} | {name.means}{result} |"
    for text, (_, means) in MOMENTS.items():
        yield f"| `{text}` | moment | {means} |"
    yield "| `since.X` | distance | from a moment that is past to the request |"
    yield "| `until.X` | distance | from the request to a moment ahead |"
    yield "| `X.weekday`, `X.month`, `X.day`, `X.time` | of a moment, at the place | |"
    yield ""
    yield "X is one of the moments above, or a fact declared as a moment."
    yield ""
    yield "| type | written |"
    yield "|---|---|"
    yield from (f"| {type_} | {text} |" for type_, text in _TYPES.items())
    yield ""
    yield _TESTS
    yield ""


def _lengths() -> Iterator[str]:
    yield "## Lengths of time"
    yield ""
    yield cleandoc(spans.__doc__ or "")
    yield ""
    yield cleandoc(calendars.__doc__ or "")
