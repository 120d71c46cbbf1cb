"""Makes a whole subject and a request out of a few chosen values."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.facts import CustomerFacts, Facts
from domain.policy.clock.deadlines import before
from domain.policy.clock.spans import read_notice
from domain.requests import Initiator, Request
from domain.subjects import Handling, Kind, Line, LineKind, LineQuantity, Tender

ZONE = "Europe/Berlin"
PRICE = 10_000
Chosen = Mapping[str, Any]


@dataclass(frozen=True)
class Stage:
    """What all examples for some policies have in common."""

    kind: Kind
    currency: str
    placed: datetime
    starts: datetime | None
    units: int = 1
    is_held: bool = False
    is_delivered: bool = False
    moments: tuple[str, ...] = ()


def facts_of(stage: Stage, chosen: Chosen) -> Facts:
    """The subject. Moments among the facts lie on the day after the order."""
    starts, ends = _times(stage, chosen)
    lines = tuple(_lines(stage, chosen))
    price = sum(line.total_minor for line in lines)
    counted = {name: chosen.get(f"customer.{name}") for name in _COUNTERS}
    others = {name: value for name, value in _group(stage, chosen, "customer").items()
              if name not in _COUNTERS}  # fmt: skip
    return Facts(
        kind=chosen.get("kind") or stage.kind,
        stage=chosen.get("stage") or "booked",
        placed_at=_placed(stage, chosen, starts),
        starts_at=starts,
        ends_at=ends,
        delivered_at=stage.placed + timedelta(days=3) if stage.is_delivered else None,
        reschedules=chosen.get("reschedules") or 0,
        zone=ZONE,
        currency=stage.currency,
        lines=lines,
        tenders=tuple(_tenders(stage, price)),
        customer=CustomerFacts(**counted, attributes=others),
        consents=_group(stage, chosen, "consents"),
        attributes=_group(stage, chosen, "attributes"),
        settings=_group(stage, chosen, "settings"),
    )


def request_of(chosen: Chosen, stage: Stage, at: datetime) -> Request:
    is_part = chosen.get("whole") is False
    return Request(
        initiator=chosen.get("initiator") or Initiator.CUSTOMER,
        reason=chosen.get("reason"),
        method=chosen.get("method"),
        evidence=_group(stage, chosen, "evidence"),
        lines=(LineQuantity(id="1", quantity=1),) if is_part else (),
        requested_at=at,
    )


_COUNTERS = ("cancellations_this_year", "no_shows_this_year")


def _times(stage: Stage, chosen: Chosen) -> tuple[datetime | None, datetime | None]:
    starts = stage.starts
    if starts is None:
        return None, None
    length = chosen.get("length")
    if length is None:
        return starts, starts + timedelta(hours=1)
    return starts, starts + (starts - before(starts, read_notice(length), ZONE))


def _placed(stage: Stage, chosen: Chosen, starts: datetime | None) -> datetime:
    """When it was ordered: exactly so long ahead where that is chosen."""
    lead = chosen.get("lead_time")
    if lead is None or starts is None:
        return stage.placed
    return before(starts, read_notice(lead), ZONE).astimezone(UTC)


def _lines(stage: Stage, chosen: Chosen) -> list[Line]:
    quantity = chosen.get("quantity") or stage.units
    price = chosen.get("price") or PRICE
    usual = LineKind.GOODS if stage.kind is Kind.ORDER else LineKind.SERVICE
    first = Line(
        id="1",
        sku=chosen.get("line.sku") or "sku",
        kind=_kind(chosen) or (usual if stage.starts is None else LineKind.SERVICE),
        category=chosen.get("line.category") or "",
        component=chosen.get("line.component") or "",
        person=chosen.get("line.person") or "1",
        status=chosen.get("line.status"),
        quantity=quantity,
        unit_price_minor=price // quantity,
        tax_minor=price % quantity,
        attributes=_group(stage, chosen, "line.attributes"),
    )
    others = max(chosen.get("persons") or 1, 2 if chosen.get("whole") is False else 1)
    return [first, *(_copy(first, number) for number in range(2, others + 1))]


def _copy(line: Line, number: int) -> Line:
    return line.model_copy(update={"id": str(number), "person": str(number)})


def _kind(chosen: Chosen) -> LineKind | None:
    named = chosen.get("line.kind")
    return LineKind(named) if named in set(LineKind) else None


def _tenders(stage: Stage, price: int) -> list[Tender]:
    if stage.is_held:
        held = Tender(id="1", method="card", handling=Handling.HELD, authorised_minor=price)
        return [held]
    return [Tender(id="1", method="card", handling=Handling.PROVIDER, captured_minor=price)]


def _group(stage: Stage, chosen: Chosen, group: str) -> dict[str, Any]:
    """The facts of a group, those with a point in their name in parts."""
    found: dict[str, Any] = {}
    told = {name: value for name, value in chosen.items() if value is not None}
    told |= {name: (stage.placed + timedelta(days=1)).isoformat() for name in stage.moments}
    for name, value in told.items():
        if name.startswith(f"{group}."):
            *outer, last = name.removeprefix(f"{group}.").split(".")
            inner = found
            for part in outer:
                inner = inner.setdefault(part, {})
            inner[last] = value
    return found
