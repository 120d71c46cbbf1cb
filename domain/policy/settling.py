"""What the merchant keeps, and what goes back: the one place where amounts come from.

A partial is charged as a difference: what is kept when everything cancelled so far and now is
cancelled together, less what was kept before. All of it is taken at this request's instant.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from domain.decisions import REFUND_SET, Adjustment, RefundRule
from domain.money import split_minor
from domain.policy.amounts import check_refund, reshare
from domain.policy.balancing import balance
from domain.policy.charges import spread
from domain.policy.keeping import Kept, kept_before, kept_of, kept_with
from domain.policy.look import Together
from domain.policy.policy import Rule
from domain.policy.selection import Part
from domain.policy.situation import Situation

NOTHING = Kept()


class Charged(NamedTuple):
    """What one rule keeps of the lines asked for, and their price; None: no rule, all goes back.

    `place` and `code` say what decided where no rule did.
    """

    rule: Rule | None
    kept: int
    price: int
    code: str | None = None
    place: str = "rules"


class Amounts(NamedTuple):
    """Fees and refunds of the lines asked for, in their order, and the charges behind them;
    `adjustments` of each line, where there are any; what lines cancelled later are to bear."""

    fees: tuple[int, ...] = ()
    refunds: tuple[int, ...] = ()
    due: int = 0
    charges: tuple[Charged, ...] = ()
    adjustments: tuple[tuple[Adjustment, ...], ...] = ()
    carried: int = 0

    @property
    def fee(self) -> int:
        return sum(self.fees)

    @property
    def refund(self) -> int:
        return sum(self.refunds)


Routes = Mapping[str, Rule | None]
"""The rule of each line asked for, by the line's id."""


def settle(asked: Together, routes: Routes) -> Amounts:
    """Work out every amount for the lines asked for. Raises FactMissing where a charge needs what
    isn't known."""
    s, at = asked.s, asked.at
    overrides = s.request.overrides
    if overrides.refund_minor is not None:
        return _fixed_refund(s, overrides.refund_minor)
    if overrides.fee_minor is not None:
        return _fixed_fee(s, overrides.fee_minor)
    parts = s.selection.parts
    if s.selection.is_first:
        now = kept_of(asked, [routes[part.line.id] for part in parts])
        return _amounts(s, now.minor, now, NOTHING, _charges(parts, now, now.by_rule))
    now, before = kept_with(s, at), kept_before(s, at)
    fees = _difference(parts, now.minor, before.minor)
    groups = {rule: each - before.by_rule.get(rule, 0) for rule, each in now.by_rule.items()}
    return _amounts(s, fees, now, before, _charges(parts, now, groups, sum(fees)))


def _difference(parts: Sequence[Part], kept: Sequence[int], before: Sequence[int]) -> list[int]:
    """The fees of the lines asked for: the whole difference, shared by what each line's own is.

    A later part of a line may cost less than its share; the others bear that.
    """
    asked = [place for place, part in enumerate(parts) if part.units]
    own = [max(0, kept[place] - before[place]) for place in asked]
    fee = max(0, sum(kept) - sum(before))
    prices = [parts[place].price for place in asked]
    shares = own if sum(own) == fee else split_minor(fee, own if sum(own) else prices)
    is_later = any(part.before for part in parts)
    return spread(shares, prices, is_free=not is_later or _goes_beyond(parts, kept))


def _goes_beyond(parts: Sequence[Part], kept: Sequence[int]) -> bool:
    """Whether more is kept of some line than it costs, as a rule may say."""
    return any(
        each > part.price_before + part.price for part, each in zip(parts, kept, strict=True)
    )


def _charges(
    parts: Sequence[Part], now: Kept, groups: Mapping[Rule | None, int], fee: int | None = None
) -> tuple[Charged, ...]:
    """What each rule keeps of the lines asked for; made to come to the fee where that is told."""
    prices: dict[Rule | None, int] = {}
    for part, rule in zip(parts, now.rules, strict=True):
        if part.units:
            prices[rule] = prices.get(rule, 0) + part.price
    kept = [max(0, groups[rule]) for rule in prices]
    if fee is not None and sum(kept) != fee:
        kept = list(split_minor(fee, kept if any(kept) else [*prices.values()]))
    return tuple(
        [Charged(rule, share, prices[rule]) for rule, share in zip(prices, kept, strict=True)]
    )


def _fixed_fee(s: Situation, fee: int) -> Amounts:
    """Take the fee that was set, at most the price."""
    prices = [part.price for part in s.selection.asked]
    kept = min(fee, sum(prices))
    charged = Charged(None, kept, sum(prices), "fee_set", "overrides.fee_minor")
    return _amounts(s, split_minor(kept, prices), None, NOTHING, (charged,))


def _fixed_refund(s: Situation, refund: int) -> Amounts:
    """Return what was set. Raises RefundTooHigh."""
    check_refund(refund, s.held)
    prices = [part.price for part in s.selection.asked]
    fees, refunds = reshare(prices, s.held, refund)
    charged = Charged(None, sum(fees), sum(prices), REFUND_SET, "overrides.refund_minor")
    carried = s.facts.carried_minor
    return Amounts(tuple(fees), tuple(refunds), 0, (charged,), carried=carried)


def _amounts(
    s: Situation,
    fees: Sequence[int],
    now: Kept | None,
    before: Kept,
    charges: tuple[Charged, ...],
) -> Amounts:
    refunds, adjustments, carried = balance(s, fees, now, before)
    due = max(0, before.fee + sum(fees) - s.paid) - max(0, before.fee - s.paid)
    if s.policy.document.refund is RefundRule.NONE and (withheld := sum(refunds)):
        fees = [fee + each for fee, each in zip(fees, refunds, strict=True)]
        refunds = (0,) * len(fees)
        charges = (*charges, Charged(None, withheld, withheld, "not_refunded", "refund"))
    return Amounts(tuple(fees), tuple(refunds), due, charges, tuple(adjustments), carried)
