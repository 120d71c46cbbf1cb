"""What the API answers, as lines to read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from babel import Locale

from notifications import catalogue, formats

Answer = Mapping[str, Any]

_LOCALE = Locale("en", "GB")
_OUTCOMES = {
    "allowed": "It can be cancelled.",
    "needs_approval": "It can be cancelled if a person agrees.",
    "hand_over": "A person has to decide.",
    "declined": "It can't be cancelled.",
}


def money(minor: int, currency: str) -> str:
    return formats.money(minor, currency, _LOCALE)


def moment(text: str | None) -> str:
    """An instant in this machine's zone; a day as it is."""
    if text is None or len(text) == 10:
        return text or ""
    return datetime.fromisoformat(text).astimezone().strftime("%a %d %b %Y %H:%M %Z")


def table(rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """Rows with their columns aligned."""
    cells = [[*row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(padded)}".rstrip()


def quote(answer: Answer) -> Iterator[str]:
    decision, subject = answer["decision"], answer["subject"]
    yield f"{subject['kind'].capitalize()} {subject['id']}: {_OUTCOMES[decision['outcome']]}"
    yield from codes(decision["codes"], subject["kind"], decision["currency"])
    if decision["outcome"] != "declined":
        yield from amounts(decision)
    for change in decision["next_changes"][:1]:
        yield f"Until {moment(change['at'])}, then: {_then(change, decision['currency'])}"
    yield f"Quote {answer['id']}, good until {moment(answer['expires_at'])}."


def _then(change: Answer, currency: str) -> str:
    """What the answer changes to: the amounts where only they change."""
    outcome = _OUTCOMES[change["outcome"]].lower()
    if change["refund_minor"] is None:
        return outcome
    back = money(change["refund_minor"], currency)
    fee = money(change["fee_minor"] or 0, currency)
    return f"{outcome.rstrip('.')}, with {back} back and a fee of {fee}."


def codes(findings: Iterable[Answer], kind: str, currency: str) -> Iterator[str]:
    """Why it came out so, a sentence each; a code without one stands for itself."""
    for finding in findings:
        sentence = catalogue.find("en", "words", "code", finding["code"], kind=kind)
        written = {
            name: _written(name, value, currency) for name, value in finding["params"].items()
        }
        try:
            yield f"  {(sentence or finding['code']).format_map(written)}"
        except (KeyError, IndexError, ValueError):
            yield f"  {finding['code']}"


def _written(name: str, value: Any, currency: str) -> str:
    if name.endswith("minor") and isinstance(value, int):
        return money(value, currency)
    try:
        return moment(value) if isinstance(value, str) else str(value)
    except ValueError:
        return str(value)


def amounts(decision: Answer) -> Iterator[str]:
    currency = decision["currency"]
    price = sum(line["price_minor"] for line in decision["lines"])
    rows = [
        ("price", price),
        ("fee", decision["fee_minor"]),
        ("goes back", decision["refund_minor"]),
    ]
    if decision["due_minor"]:
        rows.append(("still to be paid", decision["due_minor"]))
    yield from table((name, money(minor, currency)) for name, minor in rows)
    for tender in decision["tenders"]:
        back = money(tender["amount_minor"], currency)
        yield f"  {back} to {_method(tender['method'])}{_timing(tender['timing'])}"


def _timing(code: str | None) -> str:
    """When money arrives, from a code such as `immediate` or `business_days_5_7`."""
    if not code:
        return ""
    words, numbers = re.sub(r"[\d_]+", " ", code).strip(), re.findall(r"\d+", code)
    return f", within {' to '.join(numbers)} {words}" if numbers else f", {words}"


def _method(code: str) -> str:
    word = catalogue.find("en", "words", "method", code, kind="order") or code.replace("_", " ")
    return word[:1].lower() + word[1:] if word[1:].islower() else word


def cancellation(answer: Answer) -> Iterator[str]:
    subject, currency = answer["subject"], answer["currency"]
    state = answer["state"].replace("_", " ")
    yield f"Cancellation {answer['id']}: {state}"
    yield f"  {subject['kind']} {subject['id']}, asked {moment(answer['requested_at'])}"
    if answer.get("cause"):
        sentence = catalogue.find("en", "words", "cause", answer["cause"], kind=subject["kind"])
        yield f"  {sentence or answer['cause']}"
    if answer.get("decision"):
        yield from codes(answer["codes"], subject["kind"], currency)
        if answer["outcome"] != "declined":
            yield from amounts(answer["decision"])
    for refund in answer.get("refunds", ()):
        state = refund["state"].replace("_", " ")
        amount = money(refund["amount_minor"], currency)
        yield f"  refund to {_method(refund['method'])}: {amount}, {state}"
    yield from _next(answer)


def _next(answer: Answer) -> Iterator[str]:
    """What happens next, and who has to do something for it."""
    match answer["state"]:
        case "received":
            yield "Next: nobody has decided yet; look again in a moment."
        case "awaiting_approval":
            yield f"Next: a person answers until {moment(answer['approval_until'])}."
        case "undo_window":
            until = moment(answer["undo_until"])
            yield f"Next: it takes effect {until}; until then it can be taken back."
        case "working":
            yield "Next: it is being carried out."
        case "joined":
            yield f"Next: it goes the way of {answer['joined_id']}."
    for waiting in answer.get("attention", ()):
        ways = ", ".join(waiting["choices"])
        yield f"Next: {waiting['step'].replace('_', ' ')} needs a person, who can: {ways}."


def subject(answer: Answer) -> Iterator[str]:
    currency = answer["currency"]
    state = answer["state"].replace("_", " ")
    yield f"{answer['kind'].capitalize()} {answer['id']}: {answer['stage']}" + (
        f", {state}" if state != "none" else ""
    )
    yield from table(_facts(answer))
    if answer["lines"]:
        yield "Lines"
        yield from table(_line(line, currency) for line in answer["lines"])
    if answer["tenders"]:
        yield "Paid"
        yield from table(_tender(tender, currency) for tender in answer["tenders"])
    if answer["cancellations"]:
        yield "Cancellations"
        yield from table(_past(past, currency) for past in answer["cancellations"])
    yield "History"
    yield from table((moment(event["at"]), event["type"]) for event in answer["history"])


def _facts(answer: Answer) -> Iterator[tuple[str, str]]:
    customer = answer["customer"]
    part_of = answer["part_of"]
    policy = answer["policy"]
    yield "customer", customer["name"] or customer["ref"] or "unknown"
    yield "policy", f"{policy['id']}, version {policy['version']}"
    for name in ("placed_at", "starts_at", "cancellable_until", "terms_change_at"):
        if answer[name]:
            yield name.replace("_", " ").removesuffix(" at"), moment(answer[name])
    if part_of:
        yield "part of", f"order {part_of['order']}, line {part_of['line']}: cancel it there"
    if answer["cancelled_elsewhere_at"]:
        yield "cancelled", "elsewhere"


def _line(line: Answer, currency: str) -> tuple[str, ...]:
    gone = line["quantity_cancelled"]
    held = {one["resource"] for one in line["reservations"] if one["state"] != "released"}
    return (
        line["id"],
        f"{line['quantity']} × {line['title'] or line['sku']}",
        money(line["total_minor"], currency),
        f"{gone} cancelled" if gone else "",
        f"{moment(line['starts_at'])}, {', '.join(sorted(held))}" if held else "",
    )


def _tender(tender: Answer, currency: str) -> tuple[str, ...]:
    back = tender["returned_minor"] + tender["returned_elsewhere_minor"]
    held = tender["authorised_minor"] if not tender["captured_minor"] else 0
    return (
        _method(tender["method"]),
        money(tender["captured_minor"] or held, currency),
        "held" if held else "",
        f"{money(back, currency)} went back" if back else "",
        f"{money(tender['pending_minor'], currency)} on its way" if tender["pending_minor"] else "",
    )


def _past(past: Answer, currency: str) -> tuple[str, ...]:
    return (
        past["id"],
        past["state"].replace("_", " "),
        past["reason"]["label"] or "",
        f"{money(past['refund_minor'], currency)} back",
    )
