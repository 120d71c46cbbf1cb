"""Policies and orders made up from a seed: with taxes, promotions, shipping and several payments,
in currencies of none, two and three decimals."""

from random import Random
from typing import Any

from domain.facts import Facts
from domain.money import apportion, decimals
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from domain.promotions import Promotion, PromotionKind, PromotionLine
from domain.requests import Request
from domain.subjects import Line, LineKind, Tender
from tests.domain.factories import NOW, a_line, a_request, a_tender, an_order

CURRENCIES = ("EUR", "JPY", "KWD", "HUF")
RATES = ("19", "7", "5.5", "27", "10")
METHODS = ("card", "gift_card", "cash", "paypal")


def a_policy_for(r: Random, currency: str, *, is_even: bool = False) -> Policy:
    """Any mix of percentages, sums, steps, sums per unit, floors, caps and conditions on how much
    is cancelled; where it `is_even`, only what takes a part of each price."""
    rules = [] if is_even else [a_rule(r, currency) for _ in range(r.randint(0, 2))]
    last = {"keep": f"{r.choice((0, 10, 33.3, 50))}%"} if is_even else a_charge(r, currency)
    document: dict[str, Any] = {
        "id": "made-up",
        "title": "Made up",
        "currency": currency,
        "rules": [*rules, last],
        "rounding": r.choice(("down", "up", "half_up", "half_even")),
        "share": r.choice(("order", "proportion", "choice")),
        "tender_order": r.choice(([], ["gift_card"])),
        "promotions": r.choice(("recompute", "recompute", "ignore")),
    }
    return parse_policy(document)


def a_rule(r: Random, currency: str) -> dict[str, Any]:
    when: dict[str, Any] = r.choice(
        (
            {"whole": r.choice((True, False))},
            {"price": {"over": money(r.randint(0, 9_000), currency)}},
            {"quantity": {"under": r.randint(1, 6)}},
            {"share": {"at_least": f"{r.randint(1, 90)}%"}},
            {"line.category": "kept"},
        )
    )
    return {"when": when, **a_charge(r, currency)}


def a_charge(r: Random, currency: str) -> dict[str, Any]:
    if r.random() < 0.25:
        return {"keep": {r.choice(("sum", "best", "most")): [_one(r, currency) for _ in "ab"]}}
    return _one(r, currency)


def _one(r: Random, currency: str) -> dict[str, Any]:
    if r.random() < 0.5:
        charge: dict[str, Any] = {"keep": f"{r.randint(0, 1_000) / 10}%"}
        if r.random() < 0.3:
            step = money(r.choice((5, 50, 300)), currency)
            charge["rounding"] = {"way": r.choice(("down", "up", "half_up")), "to": step}
    else:
        charge = {"keep": money(r.randint(0, 1_500), currency)}
        charge |= {"per": r.choice(("unit", "line"))} if r.random() < 0.4 else {}
        charge |= {"beyond_price": True} if r.random() < 0.1 else {}
    for bound in ("at_least", "at_most"):
        if r.random() < 0.2:
            charge[bound] = money(r.randint(0, 3_000), currency)
    return charge


def money(minor: int, currency: str) -> str:
    exponent = decimals(currency)
    whole, part = divmod(minor, 10**exponent)
    return f"{whole}.{part:0{exponent}} {currency}" if exponent else f"{minor} {currency}"


def an_order_of(r: Random, currency: str) -> Facts:
    lines = [_line(r, f"l{place}") for place in range(r.randint(1, 4))]
    if r.random() < 0.4:
        price = r.randint(1, 900)
        off = r.choice((0, price))
        lines.append(a_line("ship", price, kind=LineKind.SHIPPING, discount_minor=off))
    total = sum(line.total_minor for line in lines)
    return an_order(
        *lines,
        currency=currency,
        tenders=_tenders(r, total),
        promotions=tuple(_promotions(r, lines)),
    )


def _line(r: Random, name: str) -> Line:
    quantity, price = r.randint(1, 4), r.randint(0, 4_000)
    off = r.choice((0, r.randint(0, price * quantity)))
    left = price * quantity - off
    return a_line(
        name,
        price,
        quantity=quantity,
        discount_minor=off,
        tax_rate=r.choice(RATES),
        category=r.choice(("", "kept")),
        **{r.choice(("tax_minor", "tax_included_minor")): r.randint(0, left // 4)},
    )


def _tenders(r: Random, total: int) -> tuple[Tender, ...]:
    methods = r.sample(METHODS, r.randint(1, 3))
    parts = apportion(total, [r.randint(1, 9) for _ in methods])
    return tuple(a_tender(part, method) for method, part in zip(methods, parts, strict=True))


def _promotions(r: Random, lines: list[Line]) -> list[Promotion]:
    """One for all discounted things, and one for free shipping."""
    off = [line for line in lines if line.discount_minor and line.kind is LineKind.GOODS]
    free = [line for line in lines if line.discount_minor and line.kind is LineKind.SHIPPING]
    price = sum(line.unit_price_minor * line.quantity for line in lines)
    kinds = [kind for kind in PromotionKind if kind is not PromotionKind.FREE_SHIPPING]
    found = []
    for kind, some in ((r.choice(kinds), off), (PromotionKind.FREE_SHIPPING, free)):
        told = tuple(PromotionLine(id=x.id, discount_minor=x.discount_minor) for x in some)
        given = {"buy": r.randint(1, 3), "get": 1} if kind is PromotionKind.BUY_N_GET_M else {}
        if told and r.random() < 0.8:
            least = r.randint(0, price)
            found.append(
                Promotion(id=kind.value, kind=kind, lines=told, threshold_minor=least, **given)
            )
    return found


def a_part(r: Random, facts: Facts) -> Request:
    """Some of what is open, as a customer asks for it."""
    counts = [(x.id, r.randint(0, x.quantity_open)) for x in facts.lines if x.kind != "shipping"]
    return a_request(*((name, count) for name, count in counts if count), requested_at=NOW)
