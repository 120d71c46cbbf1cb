"""What the API answers, in words: amounts, moments, the codes of a decision."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from notifications import catalogue, formats

Answer = Mapping[str, Any]

_LOCALE = Locale("en", "GB")
WAITING = ("received", "awaiting_approval", "undo_window")
NOTHING = ("declined", "undone", "restored", "refused", "closed")


def money(minor: int, currency: str) -> str:
    return formats.money(minor, currency, _LOCALE)


def moment(text: str | None, zone: ZoneInfo | None = None) -> str:
    """An instant in this zone, else in this machine's; a day as it is."""
    if text is None or len(text) == 10:
        return text or ""
    return datetime.fromisoformat(text).astimezone(zone).strftime("%a %d %b %Y %H:%M %Z")


def table(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Rows with their columns aligned."""
    cells = [[*row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(padded)}".rstrip()


def amounts(decision: Answer, back: str = "goes back") -> Iterator[str]:
    """Amounts that add up: what was paid and is still to be paid makes fee and what goes back."""
    currency = decision["currency"]
    adjusted = sum(
        each["amount_minor"] for line in decision["lines"] for each in line.get("adjustments", ())
    )
    paid = decision["fee_minor"] + decision["refund_minor"] - decision["due_minor"] - adjusted
    price = sum(line["price_minor"] for line in decision["lines"]) or paid
    rows = [
        ("price", price),
        *([("paid", paid)] if paid != price else []),
        ("fee", decision["fee_minor"]),
        *([("adjustments", adjusted)] if adjusted else []),
        (back, decision["refund_minor"]),
    ]
    if decision["due_minor"]:
        rows.append(("still to be paid", decision["due_minor"]))
    yield from table((name, money(minor, currency)) for name, minor in rows)
    for tender in decision["tenders"]:
        part = money(tender["amount_minor"], currency)
        yield f"  {part} to {method(tender['method'])}{_timing(tender['timing'])}"


def goods(decision: Answer) -> Iterator[str]:
    """What doesn't go back to stock and who said so, and what a warehouse is asked first."""
    for line in decision["lines"]:
        if not line["restock"]:
            why = _KEPT_OUT.get(line["kept_out"], line["kept_out"])
            yield f"  {line['quantity']} of line {line['id']} not back to stock: {why}"
    if warehouse := decision["warehouse"]:
        named = ", ".join(warehouse["lines"])
        yield f"  the warehouse is asked first to stop: line {named}"


_KEPT_OUT = {
    "policy": "the policy says so",
    "fact_missing": "the policy asks for a fact that isn't known",
    "staff": "staff said so",
}


def dues(answer: Answer) -> Iterator[str]:
    """What becomes of held cards, and what is due on top: from such a card, or to be collected."""
    for hold in answer["card_holds"]:
        yield f"  held {method(hold['method'])}: {_hold(hold)}"
    for due in answer["dues"]:
        taken = due["taken_minor"]
        of_it = f", {money(taken, due['currency'])} of it from the held card" if taken else ""
        yield f"  due {money(due['amount_minor'], due['currency'])}: {due['state']}{of_it}"
    if answer["amount_due_minor"]:
        yield f"  to be collected: {money(answer['amount_due_minor'], answer['currency'])}"


def _hold(hold: Answer) -> str:
    take = money(hold["take_minor"], hold["currency"])
    what = f"{take} to be captured" if hold["take_minor"] else "to be let go"
    if hold["state"] == "done":
        taken = money(hold["captured_minor"], hold["currency"])
        what = f"{taken} captured, the rest let go" if hold["captured_minor"] else "let go"
    elif hold["state"] not in ("owed", "requested"):
        what = f"{what}, {hold['state']}"
    return f"{what} ({hold['failure']})" if hold["failure"] else what


def _timing(code: str | None) -> str:
    """When money arrives, from a code such as `immediate` or `business_days_5_7`."""
    if not code:
        return ""
    words, numbers = re.sub(r"[\d_]+", " ", code).strip(), re.findall(r"\d+", code)
    return f", within {' to '.join(numbers)} {words}" if numbers else f", {words}"


def method(code: str) -> str:
    word = catalogue.find("en", "words", "method", code, kind="order") or code.replace("_", " ")
    return word[:1].lower() + word[1:] if word[1:].islower() else word
