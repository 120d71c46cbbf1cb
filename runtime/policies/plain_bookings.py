"""A file of bookings with columns of ours. A row is one booking or order, and one line of it.

| column | |
| --- | --- |
| `id` | only for messages |
| `kind` | `appointment`, the usual one, or `order` |
| `placed_at`, `starts_at`, `ends_at`, `delivered_at` | an instant, or a day; any may be empty |
| `cancelled_at` | when it was asked for; empty: it went ahead, unless `status` is `no_show` |
| `status` | the stage it was in, `confirmed` if empty; a word for cancelled is no stage |
| `zone`, `currency` | of the place; `UTC` and `XXX` if empty |
| `price_minor` | of the whole, in the currency's smallest unit |
| `paid_minor`, `method` | what was paid in advance, by what; the whole price by card if empty |
| `quantity` | how many units or nights the price is for, 1 if empty |
| `category`, `sku`, `person`, `component` | of the line |
| `reason` | in words or as a code |

Only `price_minor` and `cancelled_at` have to be there. Times without an offset are the place's own.
Any other column is an attribute; a whole number is read as one.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.policy.case_facts import code_of
from domain.policy.stages import Meaning, meaning
from domain.requests import Request
from domain.subjects import Kind, Line, LineKind, Tender
from domain.texts import known_zone
from domain.values import NO_CURRENCY, Moment
from runtime.policies.bookings import FACTS, LINE, REQUEST, TENDER, Booking, Reader

NEEDED = frozenset({"price_minor", "cancelled_at"})
_OURS = NEEDED | {
    *("id", "kind", "placed_at", "starts_at", "ends_at", "delivered_at", "status", "zone"),
    *("currency", "paid_minor", "method", "quantity", "category", "sku", "person", "component"),
    "reason",
}
_NO_SHOW = "no_show"
_MOST = 10**15
_DAY = len("2026-05-01")

Row = Mapping[str, str]


def reader(header: Sequence[str]) -> Reader:
    names = tuple(name.strip() for name in header)
    others = frozenset(names) - _OURS

    def read(cells: Sequence[str]) -> Booking | None:
        row = dict(zip(names, cells, strict=True))
        if not row["cancelled_at"] and row.get("status") != _NO_SHOW:
            return None
        return _booking(row, {name: _value(row[name]) for name in others if row[name]})

    return read


def _booking(row: Row, attributes: dict[str, str | int]) -> Booking:
    zone = _checked_zone(row.get("zone") or "UTC")
    starts_at = _moment(row, "starts_at", zone)
    facts = FACTS.model_copy(
        update={
            "kind": _kind(row),
            "stage": _stage(row),
            "placed_at": _instant(row, "placed_at", zone),
            "starts_at": starts_at,
            "ends_at": _moment(row, "ends_at", zone),
            "delivered_at": _instant(row, "delivered_at", zone),
            "zone": zone,
            "currency": _currency(row),
            "lines": (_line(row),),
            "tenders": (_tender(row),),
            "attributes": attributes,
        }
    )
    return Booking(facts, _request(row, starts_at, zone))


def _line(row: Row) -> Line:
    """The price is the line's total: a unit's is rounded up, and what is too much a discount."""
    quantity, price = _number(row, "quantity", 1) or 1, _number(row, "price_minor", 0)
    each = -(-price // quantity)
    kind = LineKind.GOODS if _kind(row) is Kind.ORDER else LineKind.SERVICE
    words = {name: row.get(name) or "" for name in ("category", "sku", "component")}
    numbers = {
        "quantity": quantity,
        "unit_price_minor": each,
        "discount_minor": each * quantity - price,
    }
    return LINE.model_copy(
        update={**words, **numbers, "kind": kind, "person": row.get("person") or None}
    )


def _tender(row: Row) -> Tender:
    paid = _number(row, "paid_minor", _number(row, "price_minor", 0))
    method = code_of(row.get("method") or "card")
    return TENDER.model_copy(update={"captured_minor": paid, "method": method})


def _request(row: Row, starts_at: Moment | None, zone: str) -> Request:
    """A no-show that nobody dated is one at the start."""
    at = _instant(row, "cancelled_at", zone)
    if at is None and starts_at is not None:
        at = _at_place(starts_at, zone)
    reason = row.get("reason")
    return REQUEST.model_copy(
        update={"requested_at": at, "reason": code_of(reason) if reason else None}
    )


def _stage(row: Row) -> str:
    word = row.get("status") or "confirmed"
    return "confirmed" if meaning(word, {}) is Meaning.CANCELLED else word


def _kind(row: Row) -> Kind:
    return Kind(row.get("kind") or Kind.APPOINTMENT)


def _currency(row: Row) -> str:
    currency = row.get("currency") or NO_CURRENCY
    if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
        raise ValueError(f"currency: {currency!r} is no ISO 4217 code")
    return currency


def _number(row: Row, name: str, usual: int) -> int:
    text = row.get(name)
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal() and int(text) <= _MOST):
        raise ValueError(f"{name}: {text[:40]!r} is no whole number from 0 to {_MOST}")
    return int(text)


def _value(text: str) -> str | int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 16 else text


def _instant(row: Row, name: str, zone: str) -> datetime | None:
    moment = _moment(row, name, zone)
    return None if moment is None else _at_place(moment, zone)


def _moment(row: Row, name: str, zone: str) -> Moment | None:
    text = row.get(name)
    if not text:
        return None
    try:
        return _read(text.strip(), zone)
    except (ValueError, OverflowError):
        raise ValueError(f"{name}: {text[:40]!r} is no day or instant as ISO 8601") from None


@lru_cache(maxsize=16384)
def _read(text: str, zone: str) -> Moment:
    if len(text) == _DAY:
        return date.fromisoformat(text)
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=ZoneInfo(zone))
    return instant.astimezone(UTC)


def _at_place(moment: Moment, zone: str) -> datetime:
    """An instant as it is; the first moment of a day."""
    if isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), ZoneInfo(zone)).astimezone(UTC)


def _checked_zone(name: str) -> str:
    try:
        return known_zone(name)
    except ValueError as error:
        raise ValueError(f"zone: {name[:40]!r} {error}") from None
