"""How much goes back to which tender."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from domain.decisions import TenderAmount
from domain.money import apportion
from domain.subjects import Handling, Tender


class Share(StrEnum):
    """How a refund is shared over several tenders: one filled after the other, by what each paid,
    or the one that the customer names before the others."""

    ORDER = "order"
    PROPORTION = "proportion"
    CHOICE = "choice"


def allocate(
    amount_minor: int,
    tenders: Sequence[Tender],
    order: Sequence[str] = (),
    *,
    share: Share = Share.ORDER,
    choice: str | None = None,
    form: str = "original",
    timing: Mapping[str, str] = {},
) -> tuple[TenderAmount, ...]:
    """Spread an amount over what the tenders still hold, as `shares` does.

    `timing` says by method when money arrives, "*" for the others.
    """
    return tuple(
        TenderAmount(
            id=tender.id,
            method=tender.method,
            handling=tender.handling,
            amount_minor=minor,
            form=form,
            timing=timing.get(tender.method, timing.get("*")),
        )
        for tender, minor in shares(amount_minor, tenders, order, share=share, choice=choice)
    )


def shares(
    amount_minor: int,
    tenders: Sequence[Tender],
    order: Sequence[str] = (),
    *,
    share: Share = Share.ORDER,
    choice: str | None = None,
) -> list[tuple[Tender, int]]:
    """What each tender gets back; those that get nothing are left out.

    `order` names methods, first to be refunded first; methods it doesn't name come after, in the
    order in which they paid. `choice` is the method or id that the customer named, for a share by
    choice: it is filled first, and what it can't take goes by order. What no tender holds is left
    out: the caller caps the amount. Refunds one after the other come to the same as one of their
    sum.
    """
    if len(tenders) > 1:
        tenders = _in_order(tenders, order, choice if share is Share.CHOICE else None)
        if share is Share.PROPORTION:
            return _proportional(amount_minor, tenders)
    found = []
    for tender in tenders:
        minor = min(amount_minor, tender.refundable_minor)
        if minor > 0:
            found.append((tender, minor))
            amount_minor -= minor
    return found


def _in_order(
    tenders: Sequence[Tender], order: Sequence[str], choice: str | None
) -> Sequence[Tender]:
    if not order and choice is None:
        return tenders
    rank = {method: place for place, method in enumerate(order)}
    last = len(rank)

    def place(tender: Tender) -> tuple[bool, int]:
        return choice not in (tender.id, tender.method), rank.get(tender.method, last)

    return sorted(tenders, key=place)


def _proportional(amount_minor: int, tenders: Sequence[Tender]) -> list[tuple[Tender, int]]:
    """Give each unit to the tender that is furthest behind its part of what was captured, counting
    what went back before: so every tender ends with all it paid when all goes back."""
    open_ = [tender for tender in tenders if tender.refundable_minor > 0]
    amount_minor = min(amount_minor, refundable(open_))
    while open_:
        gone = [tender.captured_minor - tender.refundable_minor for tender in open_]
        captured = [tender.captured_minor for tender in open_]
        reached = apportion(amount_minor + sum(gone), captured)
        given = [whole - before for whole, before in zip(reached, gone, strict=True)]
        if min(given) >= 0:
            return [(x, minor) for x, minor in zip(open_, given, strict=True) if minor]
        open_ = [x for x, minor in zip(open_, given, strict=True) if minor >= 0]
    return []


_CREDITS = frozenset({"store_credit", "voucher", "gift_card"})
_AS_PAID = frozenset({"original", "void"})


def handling_of(form: str, handling: Handling) -> Handling:
    """How money of this form goes back to a tender: credits are booked in our ledger, whatever was
    paid with. What isn't the way it was paid either, such as a transfer, is given by hand."""
    if form in _AS_PAID:
        return handling
    return Handling.LEDGER if form in _CREDITS else Handling.MANUAL


def refundable(tenders: Sequence[Tender]) -> int:
    """What all tenders together still hold."""
    return sum(tender.refundable_minor for tender in tenders)
