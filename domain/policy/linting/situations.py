"""Made-up situations to try conditions on: one line of one subject, at one instant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from domain.facts import CustomerFacts, Facts
from domain.policy.clock.deadlines import FactMissing
from domain.policy.clock.spans import Span
from domain.policy.conditions import Test
from domain.policy.document import Document, Fact
from domain.policy.look import Item, Look, Together
from domain.policy.policy import Policy
from domain.policy.reading.literals import read_told
from domain.policy.selection import Part, Selection
from domain.policy.situation import Bound, Situation
from domain.policy.vocabulary import Type
from domain.requests import Initiator, Request
from domain.subjects import Handling, Kind, Line, LineKind, Tender
from domain.values import NO_CURRENCY

ZONE = "UTC"
PRICE = 100_000
"""Of the line, in minor units."""

Values = Mapping[str, Any]
"""What is chosen, by the name of the measure. A moment is an instant, or lies so far from another
moment."""

From = tuple[str, timedelta]

_DAY = timedelta(days=1)
USUAL: dict[str, From] = {
    "placed": ("now", -10 * _DAY),
    "start": ("now", 30 * _DAY),
    "original_start": ("start", timedelta()),
    "end": ("start", timedelta(hours=1)),
    "delivered": ("now", -5 * _DAY),
}
_STANDS_IN: dict[Type, Any] = {
    Type.TEXT: "something",
    Type.NUMBER: 1,
    Type.BOOLEAN: False,
    Type.MONEY: 1_000,
    Type.PERCENT: 10,
    Type.SPAN: "36h",
    Type.MOMENT: ("now", -3 * _DAY),
    Type.LIST: [],
    Type.ANY: 1,
}

_REQUEST = Request()
_LINE = Line(id="line", kind=LineKind.GOODS)
_PAID = Tender(id="card", method="card", handling=Handling.PROVIDER)
_HELD = Tender(id="hold", method="card", handling=Handling.HELD)
_CUSTOMER = CustomerFacts()
_FACTS = Facts(kind=Kind.ORDER, stage="booked", zone=ZONE, currency=NO_CURRENCY)


@dataclass(frozen=True)
class Frame:
    """What every situation has in common. `told` are the facts, where nothing else is chosen."""

    policy: Policy
    now: datetime
    told: Mapping[str, Any]

    @property
    def document(self) -> Document:
        return self.policy.document

    @cached_property
    def groups(self) -> dict[str, tuple[dict[str, Any], tuple[str, ...]]]:
        """What is told of each group of facts, and which of them are moments: these move."""
        found: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {}
        for name, told in self.told.items():
            group = _group_of(name)
            usual, moments = found.get(group, ({}, ()))
            if self.document.facts[name].type is Type.MOMENT:
                moments = (*moments, name)
            else:
                _put(usual, name.removeprefix(f"{group}."), told)
            found[group] = usual, moments
        return found

    def only(self, rules: tuple[int, ...]) -> "Frame":
        """The same with some of the rules."""
        some = tuple(self.policy.rules[place] for place in rules)
        return replace(self, policy=replace(self.policy, rules=some))


def frame_of(policy: Policy, clock: time) -> Frame:
    """`clock` is the time of day of the requests: one at which something turns."""
    told = {name: _told(fact) for name, fact in policy.document.facts.items()}
    return Frame(policy, datetime.combine(date(2026, 5, 4), clock, UTC), told)


def look_at(frame: Frame, values: Values) -> Look:
    """The situation in which these values hold, as conditions see it."""
    at = moment_of("now", values, frame)
    assert at is not None
    line = _line(frame, values)
    facts = _facts(frame, values, line)
    asked = {
        "requested_at": at,
        "initiator": values.get("initiator", Initiator.CUSTOMER),
        "reason": values.get("reason"),
        "method": values.get("method"),
        "evidence": _group(frame, values, "evidence"),
    }
    request = _REQUEST.model_copy(update=asked)
    price, whole = line.total_minor, values.get("whole", True)
    part = Part(line, 0, line.quantity, 0, price)
    s = Situation(
        policy=frame.policy,
        facts=facts,
        request=request,
        selection=Selection((part,), (part,), whole=whole),
        bound=Bound.FACTS if request.initiator is Initiator.BUSINESS else Bound.ALL,
        held=price,
        paid=price,
        total=price,
    )
    item = Item(line, line.quantity, price)
    results = {"fee": 0, "refund": price, "due": 0}
    return Look(Together(s, at, [item], whole), item, results)


def moment_of(name: str, values: Values, frame: Frame) -> datetime | None:
    """When something is, or None: never."""
    usual = frame.now if name == "now" else USUAL.get(name) or frame.told.get(name)
    found = values.get(name, usual)
    if not isinstance(found, tuple):
        return found if isinstance(found, datetime) else None
    anchor = moment_of(found[0], values, frame)
    return None if anchor is None else anchor + found[1]


def _line(frame: Frame, values: Values) -> Line:
    quantity = values.get("quantity", 1)
    usual = LineKind.SERVICE if Kind.APPOINTMENT in frame.document.kinds else LineKind.GOODS
    given = {
        "sku": values.get("line.sku") or "sku",
        "kind": values.get("line.kind") or usual,
        "category": values.get("line.category") or "",
        "component": values.get("line.component") or "",
        "person": values.get("line.person"),
        "status": values.get("line.status"),
        "quantity": quantity,
        "unit_price_minor": values.get("price", PRICE) // quantity,
        "attributes": _group(frame, values, "line.attributes"),
    }
    return _LINE.model_copy(update=given)


def _facts(frame: Frame, values: Values, line: Line) -> Facts:
    price = line.total_minor
    given = {
        "kind": values.get("kind", frame.document.kinds[0]),
        "stage": values.get("stage", "booked"),
        "placed_at": moment_of("placed", values, frame),
        "starts_at": moment_of("start", values, frame),
        "ends_at": moment_of("end", values, frame),
        "original_starts_at": moment_of("original_start", values, frame),
        "delivered_at": moment_of("delivered", values, frame),
        "reschedules": values.get("reschedules", 0),
        "currency": frame.policy.currency or NO_CURRENCY,
        "lines": (line,),
        "tenders": (
            _PAID.model_copy(update={"captured_minor": price}),
            _HELD.model_copy(update={"authorised_minor": price}),
        ),
        "customer": _CUSTOMER.model_copy(update={"attributes": _group(frame, values, "customer")}),
        "consents": _group(frame, values, "consents"),
        "attributes": _group(frame, values, "attributes"),
        "settings": _group(frame, values, "settings"),
    }
    return _FACTS.model_copy(update=given)


def _group(frame: Frame, values: Values, group: str) -> dict[str, Any]:
    """The facts of one group as they are told, those with a point in their name in parts."""
    usual, moments = frame.groups.get(group, ({}, ()))
    chosen = [name for name in values if name in frame.told and _group_of(name) == group]
    if not chosen and not moments:
        return usual
    found = {name: dict(v) if isinstance(v, dict) else v for name, v in usual.items()}
    for name in dict.fromkeys((*moments, *chosen)):
        told = moment_of(name, values, frame) if name in moments else values[name]
        _put(found, name.removeprefix(f"{group}."), told)
    return found


def _put(found: dict[str, Any], name: str, told: Any) -> None:
    *outer, last = name.split(".")
    for part in outer:
        found = found.setdefault(part, {})
    found[last] = told


def _group_of(name: str) -> str:
    return "line.attributes" if name.startswith("line.") else name.partition(".")[0]


def _told(fact: Fact) -> Any:
    """The default, as it would be told; else something that fits the type."""
    if fact.default is None:
        return _STANDS_IN[fact.type]
    return _instant(fact) if fact.type is Type.MOMENT else fact.default


def _instant(fact: Fact) -> datetime:
    found = read_told(fact, fact.default)
    return found if isinstance(found, datetime) else datetime.combine(found, time(), UTC)


def span_told(frame: Frame, name: str) -> Span | None:
    """The span that a setting stands for here."""
    try:
        found = read_told(frame.document.facts[name], frame.told[name])
    except (KeyError, ValueError):
        return None
    return found if isinstance(found, Span) else None


def holds(test: Test | None, look: Look) -> bool | None:
    """Whether a condition holds; None where it needs what nobody knows."""
    try:
        return test is None or test.holds(look)
    except FactMissing:
        return None
