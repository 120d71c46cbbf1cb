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


def codes(
    findings: Iterable[Answer], kind: str, currency: str, zone: ZoneInfo | None
) -> Iterator[str]:
    """Why it came out so, a sentence each; a code without one stands for itself."""
    for finding in findings:
        sentence = catalogue.find("en", "words", "code", finding["code"], kind=kind)
        written = {
            name: _written(name, value, currency, zone) for name, value in finding["params"].items()
        }
        try:
            yield f"  {(sentence or finding['code']).format_map(written)}"
        except (KeyError, IndexError, ValueError):
            yield f"  {finding['code']}"


def _written(name: str, value: Any, currency: str, zone: ZoneInfo | None) -> str:
    if name.endswith("minor") and isinstance(value, int):
        return money(value, currency)
    try:
        return moment(value, zone) if isinstance(value, str) else str(value)
    except ValueError:
        return str(value)


def amounts(decision: Answer, back: str = "goes back") -> Iterator[str]:
    currency = decision["currency"]
    price = sum(line["price_minor"] for line in decision["lines"])
    rows = [
        ("price", price),
        ("fee", decision["fee_minor"]),
        (back, decision["refund_minor"]),
    ]
    if decision["due_minor"]:
        rows.append(("still to be paid", decision["due_minor"]))
    yield from table((name, money(minor, currency)) for name, minor in rows)
    for tender in decision["tenders"]:
        part = money(tender["amount_minor"], currency)
        yield f"  {part} to {method(tender['method'])}{_timing(tender['timing'])}"


def _timing(code: str | None) -> str:
    """When money arrives, from a code such as `immediate` or `business_days_5_7`."""
    if not code:
        return ""
    words, numbers = re.sub(r"[\d_]+", " ", code).strip(), re.findall(r"\d+", code)
    return f", within {' to '.join(numbers)} {words}" if numbers else f", {words}"


def method(code: str) -> str:
    word = catalogue.find("en", "words", "method", code, kind="order") or code.replace("_", " ")
    return word[:1].lower() + word[1:] if word[1:].islower() else word
