"""Real orders with their published answers, as records to import and cancellations to ask for."""

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

REASONS = {
    "no longer needed": "no_longer_needed",
    "ordered by mistake": "ordered_by_mistake",
    "found it cheaper elsewhere": "found_it_cheaper_elsewhere",
}
"""The reasons of the cases, each with its code. Every one gets a copy of all orders."""

TIMINGS = {"immediate": "immediate", "5-7 business days": "business_days_5_7"}

Json = dict[str, Any]


@dataclass(frozen=True)
class Ask:
    """One cancellation to ask for: of a copy of an order, with the answer that is right."""

    order: str
    reason: str
    expected: Mapping[str, Any]
    tenders: Sequence[Json]

    @property
    def is_eligible(self) -> bool:
        return bool(self.expected["eligible"])

    @property
    def key(self) -> str:
        """The kind of run it takes: what is refused, else the means of payment that get money."""
        methods = sorted({refund["method"] for refund in self.refunds})
        return "refused" if not self.is_eligible else "+".join(methods)

    @property
    def refunds(self) -> Sequence[Json]:
        return self.expected.get("refunds") or ()

    @property
    def body(self) -> Json:
        return {
            "subject": {"kind": "order", "id": self.order},
            "reason": {"code": self.reason},
        }

    def payment_ref(self, tender: str) -> str:
        return payment_ref(tender, self.order)


@dataclass(frozen=True)
class Retail:
    """What is imported, one list a copy, and what is asked, the eligible ones apart."""

    copies: Sequence[Sequence[Json]]
    asks: Sequence[Ask]

    @property
    def eligible(self) -> list[Ask]:
        return [ask for ask in self.asks if ask.is_eligible]

    @property
    def refused(self) -> list[Ask]:
        return [ask for ask in self.asks if not ask.is_eligible]


def read(orders: Path, cases: Path, limit: int | None = None) -> Retail:
    """Read orders and their cases; `limit` keeps the first so many orders."""
    known = {f"tau-retail-{order['order_id'].lstrip('#')}": order for order in _lines(orders)}
    chosen = [case for case in _lines(cases) if case["id"] in known][:limit]
    copies: list[list[Json]] = []
    asks: list[Ask] = []
    for copy, (words, code) in enumerate(REASONS.items(), 1):
        records = [record(known[case["id"]], case, copy) for case in chosen]
        copies.append(records)
        asks += [
            Ask(one["id"], code, case["expected"][words], one["tenders"])
            for one, case in zip(records, chosen, strict=True)
        ]
    return Retail(copies, asks)


def record(order: Json, case: Json, copy: int) -> Json:
    """An order as a line of an import. Lines go by their place, since an order may repeat a SKU."""
    id_ = f"{order['order_id'].lstrip('#')}-{copy}"
    name = order["customer"]["name"]
    return {
        "kind": "order",
        "id": id_,
        "stage": order["status"],
        "currency": case["facts"]["currency"],
        "zone": case["facts"]["timezone"],
        "policy": {"id": case["policy_id"]},
        "customer": {
            "ref": order["user_id"],
            "name": f"{name['first_name']} {name['last_name']}",
            "email": order["customer"]["email"],
        },
        "lines": [_line(item) for item in order["items"]],
        "tenders": _tenders(order, id_),
        "cancelled_elsewhere": order["status"] == "cancelled",
    }


def payment_ref(tender: str, order: str) -> str:
    """A payment of its own for each copy: the file names a customer's card, not one payment."""
    return f"{tender}.{order}"


def minor(amount: Decimal) -> int:
    """Dollars to cents, exactly. Raises ValueError at a fraction of a cent."""
    cents = amount.scaleb(2)
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} is no whole number of cents")
    return int(cents)


def _line(item: Json) -> Json:
    return {
        "sku": item["item_id"],
        "title": item["name"],
        "category": item["name"],
        "unit_price_minor": minor(item["price"]),
    }


def _tenders(order: Json, id_: str) -> list[Json]:
    """Payments by means of payment, with what went back before."""
    tenders: dict[str, Json] = {}
    for movement in order["payment_history"]:
        tender = movement["payment_method_id"]
        told = tenders.setdefault(
            tender,
            {
                "id": tender,
                "method": order["payment_methods"][tender]["source"],
                "payment_ref": payment_ref(tender, id_),
                "captured_minor": 0,
                "returned_elsewhere_minor": 0,
            },
        )
        is_refund = movement["transaction_type"] == "refund"
        told["returned_elsewhere_minor" if is_refund else "captured_minor"] += minor(
            movement["amount"]
        )
    return list(tenders.values())


def _lines(path: Path) -> Iterator[Json]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line, parse_float=Decimal)
