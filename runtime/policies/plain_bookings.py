"""A file of bookings with columns of ours. A row is one booking or order, and one line of it.

| column | |
| --- | --- |
| `id` | only for messages |
| `kind` | `appointment`, the usual one, or `order` |
| `placed_at`, `starts_at`, `ends_at`, `delivered_at` | an instant, or a day; any may be empty |
| `cancelled_at` | when it was asked for; empty: it went ahead, unless `status` is `no_show` |
| `status` | the stage it was in, `confirmed` if empty; a word for cancelled is no stage |
| `zone`, `currency` | of the place; UTC and none if empty |
| `price_minor` | of the whole, in the currency's smallest unit |
| `paid_minor`, `method` | what was paid in advance, by what; the whole price by card if empty |
| `quantity` | how many units or nights the price is for, 1 if empty |
| `category`, `sku`, `person`, `component` | of the line |
| `reason` | in words or as a code |

Only `price_minor` and `cancelled_at` have to be there. Times without an offset are the place's own.
Any other column is an attribute; a whole number is read as one.
"""

from collections.abc import Sequence

from domain.cases.words import code_of
from domain.policy.stages import Meaning, meaning
from domain.requests import Request
from domain.subjects import Kind, Line, LineKind, Tender
from domain.values import Moment
from runtime.policies import cells
from runtime.policies.bookings import FACTS, LINE, REQUEST, TENDER, Booking, Reader
from runtime.policies.cells import Row

NEEDED = frozenset({"price_minor", "cancelled_at"})
_OURS = NEEDED | {
    *("id", "kind", "placed_at", "starts_at", "ends_at", "delivered_at", "status", "zone"),
    *("currency", "paid_minor", "method", "quantity", "category", "sku", "person", "component"),
    "reason",
}
_NO_SHOW = "no_show"


def reader(header: Sequence[str]) -> Reader:
    names = tuple(name.strip() for name in header)
    others = frozenset(names) - _OURS

    def read(written: Sequence[str]) -> Booking | None:
        row = dict(zip(names, written, strict=True))
        if not row["cancelled_at"] and row.get("status") != _NO_SHOW:
            return None
        return _booking(row, {name: cells.value(row[name]) for name in others if row[name]})

    return read


def _booking(row: Row, attributes: dict[str, str | int]) -> Booking:
    zone = cells.zone_of(row)
    starts_at = cells.moment(row, "starts_at", zone)
    facts = FACTS.model_copy(
        update={
            "kind": _kind(row),
            "stage": _stage(row),
            "placed_at": cells.instant(row, "placed_at", zone),
            "starts_at": starts_at,
            "ends_at": cells.moment(row, "ends_at", zone),
            "delivered_at": cells.instant(row, "delivered_at", zone),
            "zone": zone,
            "currency": cells.currency(row),
            "lines": (_line(row),),
            "tenders": (_tender(row),),
            "attributes": attributes,
        }
    )
    return Booking(facts, _request(row, starts_at, zone))


def _line(row: Row) -> Line:
    """The price is the line's total: a unit's is rounded up, and what is too much a discount."""
    quantity, price = cells.number(row, "quantity", 1) or 1, cells.number(row, "price_minor", 0)
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
    paid = cells.number(row, "paid_minor", cells.number(row, "price_minor", 0))
    method = code_of(row.get("method") or "card")
    return TENDER.model_copy(update={"captured_minor": paid, "method": method})


def _request(row: Row, starts_at: Moment | None, zone: str) -> Request:
    """A no-show that nobody dated is one at the start."""
    at = cells.instant(row, "cancelled_at", zone)
    if at is None and starts_at is not None:
        at = cells.at_place(starts_at, zone)
    reason = row.get("reason")
    return REQUEST.model_copy(
        update={"requested_at": at, "reason": code_of(reason) if reason else None}
    )


def _stage(row: Row) -> str:
    word = row.get("status") or "confirmed"
    return "confirmed" if meaning(word, {}) is Meaning.CANCELLED else word


def _kind(row: Row) -> Kind:
    return Kind(row.get("kind") or Kind.APPOINTMENT)
