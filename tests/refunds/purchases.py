"""Orders made up at random: lines with tax and discounts, shipping and a fee, paid in many ways."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from domain.money import split_minor
from domain.reports import OrderReport
from domain.subjects import Kind, SubjectRef

PLACED_AT = datetime(2026, 3, 2, 9, tzinfo=UTC)

DEAREST = {"EUR": 30_000, "JPY": 40_000, "KWD": 90_000, "HUF": 2_500_000}
"""The dearest unit of each currency, in minor units: cents, yen, fils, and hundredths of forint."""
_STEP = {"KWD": 10}
"""Cards are charged in steps of so many minor units: of three decimals the last is 0."""

POLICIES: dict[str, dict[str, Any]] = {
    "plain": {"title": "Everything goes"},
    "tenth": {"title": "A tenth stays", "rules": [{"keep": "10%"}]},
    "odd": {"title": "Two sevenths stay, rounded up", "rules": [{"keep": "2/7"}], "rounding": "up"},
    "stands": {
        "title": "A no of the bank changes nothing",
        "on_refused": "stand",
        "rules": [{"keep": "7.5%"}],
        "tender_order": ["store_credit", "cash", "card"],
    },
    "proportion": {
        "title": "Each payment gets its part",
        "share": "proportion",
        "rules": [{"keep": "1/3"}],
    },
    "asking": {"title": "Who asks gets it", "refund": "on_request"},
    "none": {"title": "Nothing goes back", "refund": "none"},
}
_LIKELY = ("plain", "plain", "tenth", "odd", "proportion", "stands", "stands", "asking", "none")


@dataclass(frozen=True)
class Purchase:
    """An order as it was bought."""

    ref: SubjectRef
    policy: str
    report: OrderReport

    @property
    def paid(self) -> int:
        return sum(tender.captured_minor for tender in self.report.tenders)

    @property
    def cards(self) -> list[str]:
        return [one.payment_ref or "" for one in self.report.tenders if one.method == "card"]


def a_purchase(chance: Random, name: str) -> Purchase:
    policy, currency = chance.choice(_LIKELY), chance.choice(list(DEAREST))
    step = _STEP.get(currency, 1)
    lines = _lines(chance, DEAREST[currency] // step, step)
    price = sum(map(_total, lines))
    report = {
        "stage": "placed",
        "currency": currency,
        "zone": "Europe/Berlin",
        "placed_at": PLACED_AT,
        "customer": {"ref": f"c-{name}", "name": "Ada", "email": "ada@example.org"},
        "policy": {"id": policy},
        "lines": lines,
        "tenders": _tenders(chance, name, price, step),
    }
    ref = SubjectRef(kind=Kind.ORDER, id=f"o-{name}")
    return Purchase(ref, policy, OrderReport.model_validate(report))


def _lines(chance: Random, dearest: int, step: int) -> list[dict[str, Any]]:
    lines = [_goods(chance, dearest) for _ in range(chance.randint(1, 4))]
    if chance.random() < 0.5:
        shipping = chance.randint(1, dearest // 20)
        lines.append({"kind": "shipping", "title": "Shipping", "unit_price_minor": shipping})
    if chance.random() < 0.3:
        fee = chance.randint(1, dearest // 50)
        lines.append({"kind": "fee", "title": "Gift wrap", "unit_price_minor": fee})
    return [_in_steps(line, step) for line in lines]


def _goods(chance: Random, dearest: int) -> dict[str, Any]:
    price, quantity = chance.randint(1, dearest), chance.choice((1, 1, 2, 3, 7))
    discount = chance.randint(0, price * quantity // 3) if chance.random() < 0.4 else 0
    tax = (price * quantity - discount) * chance.choice((5, 19, 27)) // 100
    return {
        "title": "Mug",
        "quantity": quantity,
        "unit_price_minor": price,
        "discount_minor": discount,
        "tax_minor": tax if chance.random() < 0.6 else 0,
    }


def _in_steps(line: dict[str, Any], step: int) -> dict[str, Any]:
    return line | {name: value * step for name, value in line.items() if name.endswith("_minor")}


def _total(line: dict[str, Any]) -> int:
    price: int = line["unit_price_minor"] * line.get("quantity", 1)
    return price - int(line.get("discount_minor", 0)) + int(line.get("tax_minor", 0))


def _tenders(chance: Random, name: str, price: int, step: int) -> list[dict[str, Any]]:
    """Two cards at most, a gift card, store credit, cash: each with a share, in any order."""
    methods = ["card", *chance.sample(["card", "gift_card", "store_credit", "cash"], 3)]
    methods = methods[: chance.choice((1, 1, 2, 2, 3, 4))]
    chance.shuffle(methods)
    shares = split_minor(price // step, [chance.randint(1, 100) for _ in methods])
    return [
        _tender(place, method, share * step, name)
        for place, (method, share) in enumerate(zip(methods, shares, strict=True), 1)
        if share
    ]


def _tender(place: int, method: str, captured: int, name: str) -> dict[str, Any]:
    tender = {"id": f"t{place}", "method": method, "captured_minor": captured}
    return tender if method == "cash" else tender | {"payment_ref": f"{method}-{name}-{place}"}


def some_lines(chance: Random, left: Sequence[tuple[str, int]]) -> dict[str, int]:
    """A part of what is still open, by line: at least one unit of one of them."""
    chosen = chance.sample(list(left), chance.randint(1, len(left)))
    return {id_: chance.randint(1, open_) for id_, open_ in chosen}
