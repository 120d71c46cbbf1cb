"""Builders that fill in what a test does not care about."""

from datetime import UTC, datetime
from typing import Any

from domain.facts import Facts
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from domain.requests import Request
from domain.subjects import Handling, Kind, Line, LineKind, LineQuantity, Tender

NOW = datetime(2026, 5, 4, 10, 0, tzinfo=UTC)
START = datetime(2026, 5, 10, 10, 0, tzinfo=UTC)


def a_policy(**document: Any) -> Policy:
    return parse_policy({"id": "test", "title": "Test", "currency": "EUR", **document})


def a_line(id: str = "a", price: int = 1_000, **given: Any) -> Line:  # noqa: A002
    kind = given.pop("kind", LineKind.GOODS)
    return Line(id=id, kind=kind, unit_price_minor=price, **given)


def a_tender(captured: int = 1_000, method: str = "card", **given: Any) -> Tender:
    handling = given.pop("handling", Handling.PROVIDER)
    name = given.pop("id", method)
    return Tender(id=name, method=method, handling=handling, captured_minor=captured, **given)


def an_order(*lines: Line, **given: Any) -> Facts:
    """An order that is open and paid in full, unless told otherwise."""
    return _facts(Kind.ORDER, lines or (a_line(),), given)


def an_appointment(*lines: Line, **given: Any) -> Facts:
    """An appointment that is booked and paid, at START unless told otherwise."""
    service = lines or (a_line(kind=LineKind.SERVICE),)
    return _facts(Kind.APPOINTMENT, service, {"starts_at": START, **given})


def a_request(*lines: tuple[str, int], **given: Any) -> Request:
    asked = tuple(LineQuantity(id=line, quantity=count) for line, count in lines)
    return Request(lines=asked, **{"requested_at": NOW, **given})


def _facts(kind: Kind, lines: tuple[Line, ...], given: dict[str, Any]) -> Facts:
    usual: dict[str, Any] = {
        "stage": "open",
        "placed_at": NOW,
        "zone": "Europe/Berlin",
        "currency": "EUR",
        "tenders": (a_tender(sum(line.total_minor for line in lines)),),
    }
    return Facts(kind=kind, lines=lines, **{**usual, **given})
