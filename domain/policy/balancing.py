"""From fees to refunds: what else lowers or raises them, and what was never paid."""

from collections.abc import Sequence
from typing import NamedTuple

from domain.decisions import Adjustment
from domain.money import split_minor
from domain.policy.keeping import Kept
from domain.policy.situation import Situation
from domain.promotions import Loss, PromotionKind
from domain.values import Attributes


class Balance(NamedTuple):
    """By line asked for what goes back and the adjustments in it, if there are any; and what lines
    cancelled later are to bear."""

    refunds: Sequence[int]
    adjustments: Sequence[tuple[Adjustment, ...]] = ()
    carried: int = 0


def balance(s: Situation, fees: Sequence[int], now: Kept | None, before: Kept) -> Balance:
    """Turn fees into refunds: what was never paid can't go back, nor what no tender holds.

    `now` is what is kept of all that is cancelled by now, `before` of what was before. Without
    `now` somebody has set the fee, and nothing else changes what goes back.
    """
    carried, is_bearing = s.facts.carried_minor, s.bears_losses
    prices = [part.price for part in s.selection.asked]
    free, beyond = _free(prices, fees)
    unpaid = _unpaid(s, before) if s.paid < s.total else 0
    is_plain = s.selection.is_first and not carried and (now is None or not now.losses)
    if now is None or is_plain:
        owed = carried + beyond if is_bearing else carried
        return Balance(_shared(s, max(0, sum(free) - unpaid), free), (), owed)
    refunded = sum([part.line.refunded_minor for part in s.selection.parts])
    room = max(0, _price_before(s) - refunded)
    found = _Adjusting(free, prices, carried if is_bearing else 0, room)
    _adjust(found, now.fee - before.fee, sum(fees) - beyond, now, before)
    refunds = _shared(s, max(0, sum(found.free) - unpaid), found.free)
    told = [tuple(each) for each in found.told] if any(found.told) else ()
    return Balance(refunds, told, found.owed if is_bearing else carried)


def _unpaid(s: Situation, before: Kept) -> int:
    """What was never paid of the order, as far as lines before didn't take it up already."""
    left = _price_before(s) - before.fee - before.lost + s.facts.carried_minor
    return max(0, s.total - s.paid - max(0, left))


def _price_before(s: Situation) -> int:
    return sum([part.price_before for part in s.selection.parts])


def _free(prices: Sequence[int], fees: Sequence[int]) -> tuple[list[int], int]:
    """What is left of each price, and by how much the fees are more than all of them: a rule may
    keep more of a line than it costs, and the other lines bear that."""
    free = [max(0, price - fee) for price, fee in zip(prices, fees, strict=True)]
    left = sum(prices) - sum(fees)
    if left < sum(free):
        free = list(split_minor(max(0, left), free))
    return free, max(0, -left)


def _shared(s: Situation, refund: int, free: Sequence[int]) -> Sequence[int]:
    refund = min(s.held, refund)
    return split_minor(refund, free) if refund else (0,) * len(free)


class _Adjusting:
    """The lines asked for: `free` is what may still go back of each, `told` what changed that.

    `owed` is what lines before couldn't bear, and at the end what these can't; `room` what lines
    before were left without, the most that can be given back of it.
    """

    def __init__(self, free: list[int], prices: Sequence[int], owed: int, room: int) -> None:
        self.free = free
        self.prices = prices
        self.told: list[list[Adjustment]] = [[] for _ in free]
        self.owed = owed
        self.room = room

    def give(self, code: str, minor: int, params: Attributes) -> None:
        """Give back, if anything, what was taken before; what is owed was never taken."""
        never_taken = min(max(0, minor), self.owed)
        given = min(max(0, minor) - never_taken, self.room)
        self.owed -= never_taken
        self.room -= given
        if given:
            self._change(code, split_minor(given, self.prices), 1, params)

    def take(self, code: str, minor: int, params: Attributes) -> None:
        """Take, if anything, what there is; the rest is owed."""
        taken = min(max(0, minor), sum(self.free))
        self.owed += max(0, minor) - taken
        if taken:
            self._change(code, split_minor(taken, self.free), -1, params)

    def _change(self, code: str, shares: Sequence[int], sign: int, params: Attributes) -> None:
        for place, share in enumerate(shares):
            if share:
                self.free[place] += sign * share
                given = Adjustment(code=code, amount_minor=sign * share, params=params)
                self.told[place].append(given)


def _adjust(found: _Adjusting, cost: int, fee: int, now: Kept, before: Kept) -> None:
    """Give back what lines before cost too much, now that more is cancelled with them. Then take
    what is no longer earned, what they couldn't bear, and what these cost beyond their price."""
    changes = _changes(now.losses, before.losses)
    found.give("fee_returned", -cost, {})
    for loss, minor in changes:
        found.give("deduction_returned", -minor, _params(loss))
    for loss, minor in changes:
        found.take(_code(loss), minor, _params(loss))
    owed, found.owed = found.owed, 0
    found.take("carried_over", owed, {})
    found.take("fee_beyond_price", cost - fee, {})


def _code(loss: Loss) -> str:
    is_shipping = loss.promotion.kind is PromotionKind.FREE_SHIPPING
    return "shipping_due" if is_shipping else "discount_lost"


def _changes(now: Sequence[Loss], before: Sequence[Loss]) -> list[tuple[Loss, int]]:
    """What is lost of each promotion beyond what was lost before; below zero where it is less."""
    earlier = {loss.promotion.id: loss for loss in before}
    found = [(loss, loss.minor - _minor(earlier.pop(loss.promotion.id, None))) for loss in now]
    return found + [(loss, -loss.minor) for loss in earlier.values()]


def _minor(loss: Loss | None) -> int:
    return loss.minor if loss else 0


def _params(loss: Loss) -> Attributes:
    promotion = loss.promotion
    found: Attributes = {"promotion": promotion.name}
    if promotion.threshold_minor:
        found["threshold_minor"] = promotion.threshold_minor
        found["remaining_minor"] = loss.remaining_minor
    return found
