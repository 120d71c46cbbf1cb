"""How much goes back to which tender."""

from collections.abc import Mapping, Sequence

from domain.decisions import TenderAmount
from domain.subjects import Handling, Tender


def allocate(
    amount_minor: int,
    tenders: Sequence[Tender],
    order: Sequence[str] = (),
    *,
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
            amount_minor=share,
            form=form,
            timing=timing.get(tender.method, timing.get("*")),
        )
        for tender, share in shares(amount_minor, tenders, order)
    )


def shares(
    amount_minor: int, tenders: Sequence[Tender], order: Sequence[str] = ()
) -> list[tuple[Tender, int]]:
    """What each tender gets back, each filled before the next; those that get nothing are left out.

    `order` names methods, first to be refunded first; methods it doesn't name come after, in the
    order in which they paid. What no tender holds is left out: the caller caps the amount.
    """
    if order:
        rank = {method: place for place, method in enumerate(order)}
        tenders = sorted(tenders, key=lambda tender: rank.get(tender.method, len(rank)))
    found = []
    for tender in tenders:
        share = min(amount_minor, tender.refundable_minor)
        if share > 0:
            found.append((tender, share))
            amount_minor -= share
    return found


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
