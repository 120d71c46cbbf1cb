"""A policy case as what `decide` takes: facts and a request."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from domain.cases.cases import (
    Case,
    CaseFacts,
    CaseItem,
    CasePayment,
    EarlierRefund,
    located,
    moment_of,
)
from domain.cases.words import code_of, initiator_of
from domain.errors import CaseInvalid
from domain.facts import CustomerFacts, Facts
from domain.requests import Initiator, Request, Right
from domain.subjects import Handling, Kind, Line, LineKind, LineQuantity, Tender
from domain.values import NO_CURRENCY, Moment

_HANDLINGS = {
    "card_hold": Handling.HELD,
    "hold": Handling.HELD,
    **dict.fromkeys(("gift_card", "store_credit", "voucher", "points", "credit"), Handling.LEDGER),
    **dict.fromkeys(("cash", "bank_transfer", "cheque", "check", "invoice"), Handling.MANUAL),
}
_ONLY_HELD = ("authorised", "authorized", "preauthorised", "preauthorized", "held", "hold")
_USUAL_KIND = {Kind.ORDER: LineKind.GOODS, Kind.APPOINTMENT: LineKind.SERVICE}
_LINE_FIELDS = Line.model_fields.keys() - {"id", "quantity", "unit_price_minor", "attributes"}
_LINE_TEXTS = {"title", "component", "person"}
_COUNTERS = CustomerFacts.model_fields.keys() - {"attributes"}
_REF = re.compile(r"[A-Za-z0-9._~-]{1,64}")

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
            delivered_at=_instant(given.delivered_at, given.zone) or _last_delivery(given),
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
        initiator=_word(Initiator, initiator_of(given.initiator or ""), Initiator.CUSTOMER),
        right=_word(Right, given.right, Right.CONTRACT),
        lines=tuple(_asked(given)),
        reason=code_of(case.reason) if case.reason else None,
        evidence=given.evidence or {},
        method=code_of(given.method) if given.method else None,
        requested_at=_instant(given.now, given.zone),
    )


def _last_delivery(given: CaseFacts) -> datetime | None:
    """The day of the last parcel, where every item has one."""
    days = [moment_of(item.rest().get("delivered_at")) for item in given.items or ()]
    known = [instant for day in days if (instant := _instant(day, given.zone))]
    return max(known) if known and len(known) == len(days) else None


def _line(kind: Kind, place: int, item: CaseItem) -> Line:
    """What a line has no field for is an attribute of it."""
    own = item.rest()
    fields = {name: own.pop(name) for name in _LINE_FIELDS & own.keys()}
    fields |= {name: str(fields[name]) for name in _LINE_TEXTS & fields.keys()}
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
    payments = given.payments or ()
    returned = _returned(payments, given.earlier_refunds or ())
    for place, payment in enumerate(payments):
        method, status = code_of(payment.method), code_of(payment.status or "paid")
        handling = _HANDLINGS.get(method, Handling.PROVIDER)
        handling = Handling.HELD if status in _ONLY_HELD else handling
        paid = "authorised_minor" if handling is Handling.HELD else "captured_minor"
        yield Tender(
            id=_tender_id(given, place, payment),
            method=method,
            handling=handling,
            returned_elsewhere_minor=returned[place],
            **{paid: payment.amount_minor},
        )


def _returned(payments: Sequence[CasePayment], refunds: Sequence[EarlierRefund]) -> list[int]:
    """What went back of each payment: none is returned more than it was, while others are left."""
    returned = [0] * len(payments)
    for back in refunds:
        own = [place for place, payment in enumerate(payments) if _is_of(back, payment)]
        left = back.amount_minor
        for place in own:
            share = min(left, payments[place].amount_minor - returned[place])
            returned[place] += share
            left -= share
    return returned


def _is_of(back: EarlierRefund, payment: CasePayment) -> bool:
    if back.ref:
        return back.ref == payment.ref
    return back.method is None or code_of(back.method) == code_of(payment.method)


def _tender_id(given: CaseFacts, place: int, payment: CasePayment) -> str:
    ref = payment.ref or ""
    is_alone = sum(other.ref == ref for other in given.payments or ()) == 1
    return ref if is_alone and _REF.fullmatch(ref) else str(place)


def _customer(given: CaseFacts) -> CustomerFacts:
    """Counters may stand beside the facts, among the attributes, under `counters`, or under
    `customer` with what else is known of them."""
    told = (given.attributes or {}) | given.rest()
    listed = told.get("counters")
    told |= listed if isinstance(listed, dict) else {}
    known = dict(given.customer or {})
    attributes = known.pop("attributes", None)
    counters = {name: told[name] for name in _COUNTERS if type(told.get(name)) is int}
    counters |= {name: known.pop(name) for name in _COUNTERS if type(known.get(name)) is int}
    known |= attributes if isinstance(attributes, dict) else {}
    return CustomerFacts(**counters, attributes=known)


def _asked(given: CaseFacts) -> Iterator[LineQuantity]:
    """A name is of a SKU, or else of the person that something is for."""
    items = given.items or ()
    for wanted in given.cancel_items or ():
        named = [place for place, item in enumerate(items) if item.sku == wanted.sku]
        named = named or [p for p, item in enumerate(items) if _is_for(item, wanted.sku)]
        if not named:
            raise CaseInvalid(f"facts.cancel_items: no item is called {wanted.sku}")
        left = wanted.qty
        for place in named:
            count = items[place].qty if left is None else min(left, items[place].qty)
            left = None if left is None else left - count
            if count:
                yield LineQuantity(id=str(place), quantity=count)


def _is_for(item: CaseItem, person: str) -> bool:
    return str(item.rest().get("person")) == person


def _word(words: type[_Word], given: str | None, usual: _Word) -> _Word:
    """A word of ours if it is one, else the usual."""
    return next((word for word in words if word == given), usual)


def _instant(moment: Moment | None, zone: str) -> datetime | None:
    if moment is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, time(), ZoneInfo(zone))
