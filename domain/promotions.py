"""The promotions a purchase was made with, and what cancelling a part of it loses of them."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import Field, model_validator

from domain.subjects import Line, LineKind
from domain.texts import Title
from domain.values import Minor, Ref, Value

_Count = Annotated[int, Field(ge=1, le=10_000)]
_EXTRAS = (LineKind.FEE, LineKind.SHIPPING)


class PromotionKind(StrEnum):
    """What has to stay for it to be earned: a threshold of price (or, for a percentage, nothing
    more), whole bundles, so many units for each one given, or a threshold for free shipping."""

    THRESHOLD_DISCOUNT = "threshold_discount"
    PERCENT_OFF = "percent_off"
    BUNDLE = "bundle"
    BUY_N_GET_M = "buy_n_get_m"
    FREE_SHIPPING = "free_shipping"


_BY_THRESHOLD = frozenset(
    {
        PromotionKind.THRESHOLD_DISCOUNT,
        PromotionKind.PERCENT_OFF,
        PromotionKind.FREE_SHIPPING,
    }
)


class PromotionLine(Value):
    """A line that a promotion is about: how much of its discount is the promotion's, and how many
    of its units make one bundle."""

    id: Ref
    discount_minor: Minor = 0
    quantity: _Count = 1


class Promotion(Value):
    """What was taken off because of how much was bought together.

    `counts` are the lines whose price, before this promotion, has to reach the threshold; none: all
    but shipping and fees. `buy` and `get` are the n and the m of "buy n, get m free".
    `shipping_minor` is what shipping costs without it, where no line for shipping carries it as a
    discount.
    """

    id: Ref
    kind: PromotionKind
    title: Title = ""
    lines: Annotated[tuple[PromotionLine, ...], Field(max_length=1000)] = ()
    counts: Annotated[tuple[Ref, ...], Field(max_length=1000)] = ()
    threshold_minor: Minor = 0
    buy: _Count | None = None
    get: _Count | None = None
    shipping_minor: Minor = 0

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        is_given = self.buy is not None and self.get is not None
        if (self.kind is PromotionKind.BUY_N_GET_M) != is_given:
            raise ValueError("buy and get go with buy_n_get_m, both of them")
        if self.shipping_minor and self.kind is not PromotionKind.FREE_SHIPPING:
            raise ValueError("shipping_minor goes with free_shipping")
        if not self.lines and not self.shipping_minor:
            raise ValueError("name the lines, with what was taken off each")
        ids = [line.id for line in self.lines]
        if len(set(ids)) < len(ids):
            raise ValueError("a line is there twice")
        return self

    @property
    def name(self) -> str:
        return self.title or self.id


class Loss(NamedTuple):
    """What is no longer earned of one promotion, and the price that stays where it has a
    threshold."""

    promotion: Promotion
    minor: int
    remaining_minor: int


Left = Mapping[str, int]
"""How many units of each line stay, by its id."""


def losses(promotions: Sequence[Promotion], lines: Sequence[Line], left: Left) -> list[Loss]:
    """What these promotions took off the lines that stay, less what those still earn alone.

    Nothing is lost with what goes, nor when all of it goes, nor where the purchase as it was made
    doesn't reach the threshold we are told. Fractions are in the customer's favour.
    """
    bought = {line.id: line for line in lines}
    if not any(left.get(line.id, 0) for line in lines if line.kind not in _EXTRAS):
        return []
    found = (_loss(promotion, bought, left) for promotion in promotions)
    return [loss for loss in found if loss.minor]


def _loss(promotion: Promotion, bought: Mapping[str, Line], left: Left) -> Loss:
    stays = promotion.shipping_minor
    for each in promotion.lines:
        line = bought.get(each.id)
        if line is not None:
            taken_off = min(each.discount_minor, line.discount_minor)
            stays += taken_off * left.get(each.id, 0) // line.quantity
    remaining = _counted(promotion, bought, left)
    earned = _earned(promotion, bought, left, remaining)
    return Loss(promotion, max(0, stays - earned), remaining)


def _earned(promotion: Promotion, bought: Mapping[str, Line], left: Left, remaining: int) -> int:
    """What the lines that stay would be given if they alone were bought; at most all of it."""
    everything = promotion.shipping_minor + sum(each.discount_minor for each in promotion.lines)
    whole = {line.id: line.quantity for line in bought.values()}
    if promotion.kind in _BY_THRESHOLD:
        least = promotion.threshold_minor
        is_earned = remaining >= least or _counted(promotion, bought, whole) < least
        return everything if is_earned else 0
    times = _times(promotion, whole)
    return -(-everything * _times(promotion, left) // times) if times else everything


def _counted(promotion: Promotion, bought: Mapping[str, Line], left: Left) -> int:
    """The price of what counts towards the threshold, before this promotion."""
    if promotion.kind not in _BY_THRESHOLD:
        return 0
    counted = promotion.counts or [id_ for id_, x in bought.items() if x.kind not in _EXTRAS]
    taken_off = {each.id: each.discount_minor for each in promotion.lines}
    found = 0
    for id_ in counted:
        line = bought.get(id_)
        if line is not None:
            others = max(0, line.discount_minor - taken_off.get(id_, 0))
            price = line.unit_price_minor * line.quantity - others
            found += -(-price * left.get(id_, 0) // line.quantity)
    return found


def _times(promotion: Promotion, left: Left) -> int:
    """How often these units make a bundle, or earn what is given."""
    if promotion.kind is PromotionKind.BUNDLE:
        return min(left.get(each.id, 0) // each.quantity for each in promotion.lines)
    units = sum(left.get(each.id, 0) for each in promotion.lines)
    return units // ((promotion.buy or 0) + (promotion.get or 0))


def check_promotions(
    promotions: Iterable[Promotion], discounts: Mapping[str, int]
) -> Sequence[Promotion]:
    """Refuse a promotion of a line that isn't there, or of more than all the line's discount.

    `discounts` are the lines' own, by id. Raises ValueError.
    """
    told = list(promotions)
    ids = [promotion.id for promotion in told]
    if len(set(ids)) < len(ids):
        raise ValueError("a promotion is there twice")
    sums: dict[str, int] = {}
    for promotion in told:
        for each in promotion.lines:
            sums[each.id] = sums.get(each.id, 0) + each.discount_minor
        for id_ in (*promotion.counts, *(each.id for each in promotion.lines)):
            if id_ not in discounts:
                raise ValueError(f"promotion {promotion.id} names line {id_}, which isn't there")
    for id_, minor in sums.items():
        if minor > discounts[id_]:
            raise ValueError(f"promotions take {minor} off line {id_}, its discount is less")
    return told
