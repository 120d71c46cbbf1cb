"""What the merchant keeps, and what goes back: the one place where amounts come from.

A partial is charged as a difference: what is kept when everything cancelled so far and now is
cancelled together, less what was kept before. All of it is taken at this request's instant.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from domain.decisions import RefundRule
from domain.money import Rounding, split_minor
from domain.policy.amounts import check_refund, reshare
from domain.policy.deadlines import before
from domain.policy.document import Extra, Tier
from domain.policy.fees import ALL, FREE, Fee
from domain.policy.selection import EXTRAS, Part
from domain.policy.situation import Situation, start_of
from domain.policy.time_rules import after_start, now_of
from domain.requests import Initiator
from domain.subjects import Line, LineKind
from domain.values import Attributes, Moment

_FAR = datetime.min.replace(tzinfo=UTC)


class Charge(NamedTuple):
    """The fee that applies to some lines, and the place in the document that says so."""

    rule: str
    code: str
    fee: Fee
    params: Attributes = {}


class Amounts(NamedTuple):
    """Fees and refunds of the lines asked for, in their order, and the charges behind them."""

    fees: tuple[int, ...] = ()
    refunds: tuple[int, ...] = ()
    due: int = 0
    charges: tuple[tuple[Charge, int], ...] = ()

    @property
    def fee(self) -> int:
        return sum(self.fees)

    @property
    def refund(self) -> int:
        return sum(self.refunds)


class _Group:
    """The lines that one charge applies to."""

    def __init__(self, charge: Charge) -> None:
        self.charge = charge
        self.price_before = 0
        self.prices: list[int] = []
        self.places: list[int] = []

    def kept(self, rounding: Rounding) -> tuple[int, int]:
        """What is kept for the lines cancelled before, and for those asked for now."""
        fee = self.charge.fee
        already = fee.of(self.price_before, rounding)
        return already, fee.of(self.price_before + sum(self.prices), rounding) - already


def settle(s: Situation, at: datetime | None) -> Amounts:
    """Work out every amount. Raises FactMissing where a charge needs what isn't known."""
    asked, overrides = s.selection.asked, s.request.overrides
    if overrides.refund_minor is not None:
        return _fixed_refund(s, overrides.refund_minor)
    if overrides.fee_minor is not None:
        return _fixed_fee(s, overrides.fee_minor)
    fees = [0] * len(asked)
    kept_before, charges = 0, []
    for group in _groups(s, at):
        already, kept = group.kept(s.policy.rounding)
        kept_before += already
        shares = split_minor(kept, group.prices)
        for place, share in zip(group.places, shares, strict=True):
            fees[place] = share
        if group.places:
            charges.append((group.charge, kept))
    return _balance(s, fees, kept_before, tuple(charges))


def charge_for(s: Situation, line: Line, at: datetime | None) -> Charge:
    """Find the charge of one line; the first that applies of: the business itself cancels, never
    refundable, reason waives it, after the start, tiers, the flat fee."""
    policy = s.policy
    if s.request.initiator is Initiator.BUSINESS:
        return Charge("built_in.business", "free", FREE)
    if line.category and line.category in policy.not_refundable:
        return Charge("not_refundable", "not_refundable", ALL)
    if line.kind in EXTRAS and _extra(s, line) is Extra.NEVER:
        place = "shipping" if line.kind is LineKind.SHIPPING else "fees"
        return Charge(place, "not_refundable", ALL)
    if s.request.reason is not None and s.request.reason in policy.reasons.waive_fee:
        return Charge("reasons.waive_fee", "fee_waived", FREE, {"reason": s.request.reason})
    if policy.tiers or policy.after_start:
        start = start_of(s.facts, line) if line.kind not in EXTRAS else s.facts.starts_at
        if timed := _timed(s, start, at):
            return timed
    return Charge("fee", "free" if policy.fee == FREE else "fee", policy.fee)


def _timed(s: Situation, start: Moment | None, at: datetime | None) -> Charge | None:
    """The charge that the clock decides, if any does."""
    if s.policy.after_start and (found := after_start(s, start, now_of(at))):
        return Charge(f"after_start[{found[0]}]", "after_start_fee", found[1].fee)
    if start is None or not s.policy.tiers:
        return None
    place, until = _tier(s.policy.tiers, start, now_of(at), s.facts.zone)
    if place is None:
        return None
    tier = s.policy.tiers[place]
    params = {"notice": str(tier.under), "until": until.isoformat()}
    return Charge(f"tiers[{place}]", "late_fee", tier.fee, params)


def _tier(
    tiers: Sequence[Tier], start: Moment, at: datetime, zone: str
) -> tuple[int | None, datetime]:
    """Of the tiers whose notice is no longer kept, the one that ran out last."""
    best, latest = None, _FAR
    for place, tier in enumerate(tiers):
        until = before(start, tier.under, zone)
        if latest <= until < at:
            best, latest = place, until
    return best, latest


def _groups(s: Situation, at: datetime | None) -> list[_Group]:
    groups: dict[str, _Group] = {}
    place = 0
    for part in s.selection.parts:
        charge = charge_for(s, part.line, at)
        group = groups.setdefault(charge.rule, _Group(charge))
        group.price_before += part.price_before
        if part.units:
            group.prices.append(part.price)
            group.places.append(place)
            place += 1
    return list(groups.values())


def _fixed_fee(s: Situation, fee: int) -> Amounts:
    """Take the fee that was set, at most the price."""
    prices = [part.price for part in s.selection.asked]
    kept = min(fee, sum(prices))
    charge = Charge("overrides.fee_minor", "fee_set", FREE)
    return _balance(s, split_minor(kept, prices), 0, ((charge, kept),))


def _fixed_refund(s: Situation, refund: int) -> Amounts:
    """Return what was set. Raises RefundTooHigh."""
    check_refund(refund, s.held)
    fees, refunds = reshare([part.price for part in s.selection.asked], s.held, refund)
    charge = Charge("overrides.refund_minor", "refund_set", FREE)
    return Amounts(tuple(fees), tuple(refunds), 0, ((charge, sum(fees)),))


def _balance(
    s: Situation,
    fees: Sequence[int],
    kept_before: int,
    charges: tuple[tuple[Charge, int], ...],
) -> Amounts:
    """Turn fees into refunds: what was never paid can't go back, nor what no tender holds."""
    asked = s.selection.asked
    free = [part.price - fee for part, fee in zip(asked, fees, strict=True)]
    given_before = _price_before(s.selection.parts) - kept_before
    unpaid = max(0, s.total - s.paid - given_before)
    refund = min(s.held, max(0, sum(free) - unpaid))
    refunds = split_minor(refund, free) if refund else (0,) * len(asked)
    due = max(0, kept_before + sum(fees) - s.paid) - max(0, kept_before - s.paid)
    if s.policy.refund is RefundRule.NONE and refund:
        fees = [fee + withheld for fee, withheld in zip(fees, refunds, strict=True)]
        refunds = (0,) * len(asked)
        charges = (*charges, (Charge("refund", "not_refunded", FREE), refund))
    return Amounts(tuple(fees), refunds, due, charges)


def _price_before(parts: Sequence[Part]) -> int:
    return sum(part.price_before for part in parts)


def _extra(s: Situation, line: Line) -> Extra:
    return s.policy.shipping if line.kind is LineKind.SHIPPING else s.policy.fees
