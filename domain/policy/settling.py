"""What the merchant keeps, and what goes back: the one place where amounts come from.

A partial is charged as a difference: what is kept when everything cancelled so far and now is
cancelled together, less what was kept before. All of it is taken at this request's instant.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from domain.decisions import RefundRule
from domain.money import split_minor
from domain.policy.amounts import check_refund, reshare
from domain.policy.charges import spread
from domain.policy.clock.deadlines import FactMissing
from domain.policy.look import Item, Lot, Together
from domain.policy.policy import Rule
from domain.policy.routing import charging_rule
from domain.policy.selection import Part
from domain.policy.situation import Situation
from domain.values import MOST_MINOR


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
    """Fees and refunds of the lines asked for, in their order, and the charges behind them."""

    fees: tuple[int, ...] = ()
    refunds: tuple[int, ...] = ()
    due: int = 0
    charges: tuple[Charged, ...] = ()

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
        rules = [routes[part.line.id] for part in parts]
        fees, groups = _kept(asked, rules)
        return _balance(s, fees, 0, _charges(parts, rules, groups))
    together = s.together(at, parts)
    rules = [_rule(together, item, routes) for item in together.items]
    kept, groups = _kept(together, rules)
    before, earlier = _kept_before(s, at, routes)
    groups = {rule: amount - earlier.get(rule, 0) for rule, amount in groups.items()}
    fees = _difference(parts, kept, before)
    return _balance(s, fees, sum(before), _charges(parts, rules, groups))


def _kept(
    together: Together, rules: Sequence[Rule | None]
) -> tuple[list[int], dict[Rule | None, int]]:
    """What is kept of each line, and by which rule. More than any amount can be is a slip in a fact
    that was told."""
    groups: dict[Rule | None, list[int]] = {}
    for place, rule in enumerate(rules):
        groups.setdefault(rule, []).append(place)
    kept, sums = [0] * len(rules), dict.fromkeys(groups, 0)
    for rule, places in groups.items():
        if rule is None or rule.node is None:
            continue
        items = [together.items[place] for place in places]
        shares = rule.node.keep(Lot(together, items, [item.price for item in items]))
        sums[rule] = sum(shares)
        for place, share in zip(places, shares, strict=True):
            kept[place] = share
    if sum(kept) > MOST_MINOR:
        raise FactMissing("fact_unreadable")
    return kept, sums


def _rule(together: Together, item: Item, routes: Routes) -> Rule | None:
    if item.line.id in routes:
        return routes[item.line.id]
    return charging_rule(together, item)


def _kept_before(
    s: Situation, at: datetime | None, routes: Routes
) -> tuple[list[int], dict[Rule | None, int]]:
    """The same for what was cancelled before, as if it alone were cancelled now."""
    parts = s.selection.parts
    places = [place for place, part in enumerate(parts) if part.before]
    items = [Item(parts[p].line, parts[p].before, parts[p].price_before) for p in places]
    together = Together(s, at, items, False)
    shares, sums = _kept(together, [_rule(together, item, routes) for item in items])
    kept = [0] * len(parts)
    for place, share in zip(places, shares, strict=True):
        kept[place] = share
    return kept, sums


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
    parts: Sequence[Part], rules: Sequence[Rule | None], groups: Mapping[Rule | None, int]
) -> tuple[Charged, ...]:
    prices: dict[Rule | None, int] = {}
    for part, rule in zip(parts, rules, strict=True):
        if part.units:
            prices[rule] = prices.get(rule, 0) + part.price
    return tuple([Charged(rule, max(0, groups[rule]), price) for rule, price in prices.items()])


def _fixed_fee(s: Situation, fee: int) -> Amounts:
    """Take the fee that was set, at most the price."""
    prices = [part.price for part in s.selection.asked]
    kept = min(fee, sum(prices))
    charged = Charged(None, kept, sum(prices), "fee_set", "overrides.fee_minor")
    return _balance(s, split_minor(kept, prices), 0, (charged,))


def _fixed_refund(s: Situation, refund: int) -> Amounts:
    """Return what was set. Raises RefundTooHigh."""
    check_refund(refund, s.held)
    prices = [part.price for part in s.selection.asked]
    fees, refunds = reshare(prices, s.held, refund)
    charged = Charged(None, sum(fees), sum(prices), "refund_set", "overrides.refund_minor")
    return Amounts(tuple(fees), tuple(refunds), 0, (charged,))


def _balance(
    s: Situation, fees: Sequence[int], kept_before: int, charges: tuple[Charged, ...]
) -> Amounts:
    """Turn fees into refunds: what was never paid can't go back, nor what no tender holds."""
    asked = s.selection.asked
    free = [max(0, part.price - fee) for part, fee in zip(asked, fees, strict=True)]
    left = max(0, sum([part.price for part in asked]) - sum(fees))
    price_before = sum([part.price_before for part in s.selection.parts])
    unpaid = max(0, s.total - s.paid - (price_before - kept_before))
    refund = min(s.held, max(0, left - unpaid))
    refunds = split_minor(refund, free) if refund else (0,) * len(asked)
    due = max(0, kept_before + sum(fees) - s.paid) - max(0, kept_before - s.paid)
    if s.policy.document.refund is RefundRule.NONE and refund:
        fees = [fee + withheld for fee, withheld in zip(fees, refunds, strict=True)]
        refunds = (0,) * len(asked)
        charges = (*charges, Charged(None, refund, refund, "not_refunded", "refund"))
    return Amounts(tuple(fees), refunds, due, charges)
