"""What the API answers, as lines to read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

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
_WAITING = ("received", "awaiting_approval", "undo_window")
_NOTHING = ("declined", "undone", "restored", "refused", "closed")
_NOT_BY_TERMS = frozenset(
    {
        *("already_cancelled", "line_already_cancelled", "nothing_left", "already_finished"),
        *("line_finished", "line_not_found", "quantity_too_high", "already_started"),
    }
)
_PRICES = frozenset(
    {
        *("free", "fee", "late_fee", "after_start_fee", "not_refundable", "not_refunded"),
        *("fee_waived", "fee_set", "refund_set"),
    }
)


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


def quote(answer: Answer, zone: ZoneInfo | None = None) -> Iterator[str]:
    decision, subject = answer["decision"], answer["subject"]
    yield f"{subject['kind'].capitalize()} {subject['id']}: {_OUTCOMES[decision['outcome']]}"
    yield from codes(decision["codes"], subject["kind"], decision["currency"], zone)
    if decision["outcome"] != "declined":
        yield from amounts(decision)
    for change in decision["next_changes"][:1]:
        yield f"Until {moment(change['at'], zone)}, then: {_then(change, decision['currency'])}"
    if decision["outcome"] != "declined":
        yield f"Quote {answer['id']}, good until {moment(answer['expires_at'], zone)}."


def _then(change: Answer, currency: str) -> str:
    """What the answer changes to: the amounts where only they change."""
    outcome = _OUTCOMES[change["outcome"]].lower()
    if change["refund_minor"] is None:
        return outcome
    back = money(change["refund_minor"], currency)
    fee = money(change["fee_minor"] or 0, currency)
    return f"{outcome.rstrip('.')}, with {back} back and a fee of {fee}."


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
        yield f"  {part} to {_method(tender['method'])}{_timing(tender['timing'])}"


def _timing(code: str | None) -> str:
    """When money arrives, from a code such as `immediate` or `business_days_5_7`."""
    if not code:
        return ""
    words, numbers = re.sub(r"[\d_]+", " ", code).strip(), re.findall(r"\d+", code)
    return f", within {' to '.join(numbers)} {words}" if numbers else f", {words}"


def _method(code: str) -> str:
    word = catalogue.find("en", "words", "method", code, kind="order") or code.replace("_", " ")
    return word[:1].lower() + word[1:] if word[1:].islower() else word


def cancellation(answer: Answer, zone: ZoneInfo | None = None) -> Iterator[str]:
    subject, state = answer["subject"], answer["state"]
    yield f"Cancellation {answer['id']}: {state.replace('_', ' ')}"
    yield f"  {subject['kind']} {subject['id']}, asked {moment(answer['requested_at'], zone)}"
    if answer.get("cause") and not _is_told_by_codes(answer):
        sentence = catalogue.find("en", "words", "cause", answer["cause"], kind=subject["kind"])
        yield f"  {sentence or answer['cause']}"
    if answer.get("decision"):
        yield from _decided(answer, zone)
    yield from _refunds(answer)
    yield from _next(answer, zone)


def _is_told_by_codes(answer: Answer) -> bool:
    """Whether it was refused by what it is, not by the terms; the codes say that alone."""
    found = {finding["code"] for finding in answer["codes"]}
    return answer["cause"] == "rules" and not found.isdisjoint(_NOT_BY_TERMS)


def _decided(answer: Answer, zone: ZoneInfo | None) -> Iterator[str]:
    """Why, and what goes back; of one that came to nothing only why it was declined."""
    decision, state = answer["decision"], answer["state"]
    if state not in _NOTHING or answer["cause"] == "rules":
        found = [one for one in answer["codes"] if not (_is_set(decision) and _is_price(one))]
        yield from codes(found, answer["subject"]["kind"], answer["currency"], zone)
    if state in _NOTHING:
        return
    if _is_set(decision):
        yield "  The amount that goes back was set by the one who approved it."
    yield from amounts(decision, "would go back" if state in _WAITING else "goes back")


def _is_set(decision: Answer) -> bool:
    """Whether an approver chose the amount, so that the codes of the price don't hold."""
    return any(step["rule"] == "approval.amount" for step in decision["trace"])


def _is_price(finding: Answer) -> bool:
    return finding["code"] in _PRICES


def _refunds(answer: Answer) -> Iterator[str]:
    """What became of each refund; of one that came to nothing only what was tried."""
    is_nothing = answer["state"] in _NOTHING
    told = [
        refund
        for refund in answer.get("refunds", ())
        if not (is_nothing and refund["state"] in ("owed", "waived"))
    ]
    for refund in told:
        amount = money(refund["amount_minor"], answer["currency"])
        state = refund["state"].replace("_", " ")
        yield f"  refund to {_method(refund['method'])}: {amount}, {state}"
    if is_nothing and all(refund["state"] == "failed" for refund in told):
        yield "  nothing goes back"


def _next(answer: Answer, zone: ZoneInfo | None) -> Iterator[str]:
    """What happens next, and who has to do something for it."""
    match answer["state"]:
        case "received":
            yield "Next: nobody has decided yet; look again in a moment."
        case "awaiting_approval":
            yield f"Next: a person answers until {moment(answer['approval_until'], zone)}:"
            yield f"  rescind approve {answer['id']}"
            yield f"  rescind decline {answer['id']}"
        case "undo_window":
            until = moment(answer["undo_until"], zone)
            yield f"Next: it takes effect {until}; until then it can be taken back:"
            yield f"  rescind undo {answer['id']}"
        case "working":
            yield "Next: it is being carried out."
        case "joined":
            yield f"Next: it goes the way of {answer['joined_id']}."
    for waiting in answer.get("attention", ()):
        ways = ", ".join(waiting["choices"])
        yield f"Next: {waiting['step'].replace('_', ' ')} needs a person, who can: {ways}."


def subject(answer: Answer) -> Iterator[str]:
    currency, zone = answer["currency"], formats.zone_named(answer["zone"])
    state = answer["state"].replace("_", " ")
    yield f"{answer['kind'].capitalize()} {answer['id']}: {answer['stage']}" + (
        f", {state}" if state != "none" else ""
    )
    yield from table(_facts(answer, zone))
    if answer["lines"]:
        yield "Lines"
        yield from table(_line(line, currency, zone) for line in answer["lines"])
    if answer["tenders"]:
        yield "Paid"
        yield from table(_tender(tender, currency) for tender in answer["tenders"])
    if answer["cancellations"]:
        yield "Cancellations"
        yield from table(_past(past, currency) for past in answer["cancellations"])
    yield "History"
    yield from table((moment(event["at"], zone), event["type"]) for event in answer["history"])


def _facts(answer: Answer, zone: ZoneInfo | None) -> Iterator[tuple[str, str]]:
    customer = answer["customer"]
    part_of = answer["part_of"]
    policy = answer["policy"]
    yield "customer", customer["name"] or customer["ref"] or "unknown"
    yield "policy", f"{policy['id']}, version {policy['version']}"
    is_over = answer["state"] == "cancelled" or answer["cancelled_elsewhere_at"]
    ahead = () if is_over else ("cancellable_until", "terms_change_at")
    for name in ("placed_at", "starts_at", *ahead):
        if answer[name]:
            yield name.replace("_", " ").removesuffix(" at"), moment(answer[name], zone)
    if part_of:
        yield "part of", f"order {part_of['order']}, line {part_of['line']}: cancel it there"
    if answer["cancelled_elsewhere_at"]:
        yield "cancelled", "elsewhere"


def _line(line: Answer, currency: str, zone: ZoneInfo | None) -> tuple[str, ...]:
    gone = line["quantity_cancelled"]
    held = {one["resource"] for one in line["reservations"] if one["state"] != "released"}
    return (
        line["id"],
        f"{line['quantity']} × {line['title'] or line['sku']}",
        money(line["total_minor"], currency),
        f"{gone} cancelled" if gone else "",
        f"{moment(line['starts_at'], zone)}, {', '.join(sorted(held))}" if held else "",
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
    amount, state = money(past["refund_minor"], currency), past["state"]
    back = f"{amount} {'would go back' if state in _WAITING else 'back'}"
    return (
        past["id"],
        state.replace("_", " "),
        past["reason"]["label"] or "",
        "nothing goes back" if state in _NOTHING else back,
    )
