"""A policy case as what `decide` takes: facts and a request."""

import re
from collections.abc import Iterator
from datetime import datetime, time
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from domain.errors import CaseInvalid
from domain.facts import CustomerFacts, Facts
from domain.policy.cases import Case, CaseFacts, CaseItem, CasePayment, located
from domain.reasons import OTHER
from domain.requests import Initiator, Request, Right
from domain.subjects import Handling, Kind, Line, LineKind, LineQuantity, Tender
from domain.values import NO_CURRENCY, Moment

_HANDLINGS = {
    "card_hold": Handling.HELD,
    "hold": Handling.HELD,
    "gift_card": Handling.LEDGER,
    "store_credit": Handling.LEDGER,
}
_USUAL_KIND = {Kind.ORDER: LineKind.GOODS, Kind.APPOINTMENT: LineKind.SERVICE}
_LINE_FIELDS = Line.model_fields.keys() - {"id", "quantity", "unit_price_minor", "attributes"}
_COUNTERS = CustomerFacts.model_fields.keys() - {"attributes"}
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_REF = re.compile(r"[A-Za-z0-9._~-]{1,64}")
_LONGEST = 64

_Word = TypeVar("_Word", bound=StrEnum)


def facts_of(case: Case) -> Facts:
    """The facts of a case. Without a status it is `confirmed`, without a zone in UTC; a day where
    an instant is needed is its first moment. Lines are named by their place: a SKU may come twice.
    """
    given = case.facts
    attributes = given.rest() | (given.attributes or {})
    with located():
        return Facts(
            kind=case.kind,
            stage=given.status or "confirmed",
            placed_at=_instant(given.placed_at, given.zone),
            starts_at=given.starts_at,
            ends_at=given.ends_at,
            original_starts_at=given.original_starts_at,
            delivered_at=_instant(given.delivered_at, given.zone),
            reschedules=given.reschedules or 0,
            zone=given.zone,
            currency=given.currency or NO_CURRENCY,
            lines=tuple(
                _line(case.kind, place, item) for place, item in enumerate(given.items or ())
            ),
            tenders=tuple(_tenders(given)),
            customer=_customer(given),
            consents=given.consents or {},
            attributes=attributes,
            settings=case.policy_params or {},
        )


def request_of(case: Case) -> Request:
    """What a case asks for. Raises CaseInvalid for an item to cancel that isn't there."""
    given = case.facts
    return Request(
        initiator=_word(Initiator, given.initiator, Initiator.CUSTOMER),
        right=_word(Right, given.right, Right.CONTRACT),
        lines=tuple(_asked(given)),
        reason=code_of(case.reason) if case.reason else None,
        evidence=given.evidence or {},
        method=code_of(given.method) if given.method else None,
        requested_at=_instant(given.now, given.zone),
    )


def code_of(text: str) -> str:
    """Words as a code: lower case, with underscores. What leaves nothing is `other`."""
    plain = text.lower().replace("'", "").replace("’", "")
    return _NOT_WORD.sub("_", plain).lstrip("_0123456789")[:_LONGEST].rstrip("_") or OTHER


def _line(kind: Kind, place: int, item: CaseItem) -> Line:
    """What a line has no field for is an attribute of it."""
    own = item.rest()
    fields = {name: own.pop(name) for name in _LINE_FIELDS & own.keys()}
    if item.kind is not None:
        own["kind"] = item.kind
    return Line(
        id=str(place),
        sku=item.sku,
        kind=_word(LineKind, item.kind, _USUAL_KIND[kind]),
        category=item.category or "",
        quantity=item.qty,
        unit_price_minor=item.unit_price_minor,
        status=item.status,
        attributes=own | item.attributes,
        **fields,
    )


def _tenders(given: CaseFacts) -> Iterator[Tender]:
    """A hold is authorised only. What went back before counts against the payment it names."""
    for place, payment in enumerate(given.payments or ()):
        method = code_of(payment.method)
        handling = _HANDLINGS.get(method, Handling.PROVIDER)
        paid = "authorised_minor" if handling is Handling.HELD else "captured_minor"
        yield Tender(
            id=_tender_id(given, place, payment),
            method=method,
            handling=handling,
            returned_elsewhere_minor=_returned(given, payment),
            **{paid: payment.amount_minor},
        )


def _tender_id(given: CaseFacts, place: int, payment: CasePayment) -> str:
    ref = payment.ref or ""
    is_alone = sum(other.ref == ref for other in given.payments or ()) == 1
    return ref if is_alone and _REF.fullmatch(ref) else str(place)


def _returned(given: CaseFacts, payment: CasePayment) -> int:
    return sum(
        back.amount_minor
        for back in given.earlier_refunds or ()
        if (back.ref == payment.ref if back.ref else back.method == payment.method)
    )


def _customer(given: CaseFacts) -> CustomerFacts:
    """Counters may stand beside the facts, among the attributes, under `counters`, or under
    `customer` with what else is known of them."""
    told = (given.attributes or {}) | given.rest()
    listed = told.get("counters")
    told |= listed if isinstance(listed, dict) else {}
    known = dict(given.customer or {})
    attributes = known.pop("attributes", None)
    counters = {name: told[name] for name in _COUNTERS & told.keys()}
    counters |= {name: known.pop(name) for name in _COUNTERS & known.keys()}
    known |= attributes if isinstance(attributes, dict) else {}
    return CustomerFacts(**counters, attributes=known)


def _asked(given: CaseFacts) -> Iterator[LineQuantity]:
    items = given.items or ()
    missing = {*(given.cancel_items or ())} - {item.sku for item in items}
    if missing:
        raise CaseInvalid(f"facts.cancel_items: no item is called {', '.join(sorted(missing))}")
    for place, item in enumerate(items):
        if item.sku in (given.cancel_items or ()):
            yield LineQuantity(id=str(place), quantity=item.qty)


def _word(words: type[_Word], given: str | None, usual: _Word) -> _Word:
    """A word of ours if it is one, else the usual."""
    return next((word for word in words if word == given), usual)


def _instant(moment: Moment | None, zone: str) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), ZoneInfo(zone))
