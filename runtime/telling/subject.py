"""An order or an appointment, as lines to read."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from notifications import formats
from runtime.telling import words


def lines(answer: words.Answer) -> Iterator[str]:
    currency, zone = answer["currency"], formats.zone_named(answer["zone"])
    state = answer["state"].replace("_", " ")
    yield f"{answer['kind'].capitalize()} {answer['id']}: {answer['stage']}" + (
        f", {state}" if state != "none" else ""
    )
    yield from words.table(_facts(answer, zone))
    if answer["lines"]:
        yield "Lines"
        yield from words.table(_line(line, currency, zone) for line in answer["lines"])
    if answer["tenders"]:
        yield "Paid"
        yield from words.table(_tender(tender, currency) for tender in answer["tenders"])
        yield from words.dues(answer)
    if answer["cancellations"]:
        yield "Cancellations"
        yield from words.table(_past(past, currency) for past in answer["cancellations"])
    if answer["refunds"]:
        yield "Refunds"
        yield from words.table(_refund(refund, currency) for refund in answer["refunds"])
    yield "History"
    yield from words.table(
        (words.moment(event["at"], zone), event["type"]) for event in answer["history"]
    )


def _facts(answer: words.Answer, zone: ZoneInfo | None) -> Iterator[tuple[str, str]]:
    customer = answer["customer"]
    part_of = answer["part_of"]
    policy = answer["policy"]
    yield "customer", customer["name"] or customer["ref"] or "unknown"
    yield "policy", f"{policy['id']}, version {policy['version']}"
    is_over = answer["state"] == "cancelled" or answer["cancelled_elsewhere_at"]
    ahead = () if is_over else ("cancellable_until", "terms_change_at")
    for name in ("placed_at", "starts_at", *ahead):
        if answer[name]:
            yield name.replace("_", " ").removesuffix(" at"), words.moment(answer[name], zone)
    if part_of:
        yield "part of", f"order {part_of['order']}, line {part_of['line']}: cancel it there"
    if answer["cancelled_elsewhere_at"]:
        yield "cancelled", "elsewhere"


def _line(line: words.Answer, currency: str, zone: ZoneInfo | None) -> tuple[str, ...]:
    gone = line["quantity_cancelled"]
    held = {one["resource"] for one in line["reservations"] if one["state"] != "released"}
    return (
        line["id"],
        f"{line['quantity']} × {line['title'] or line['sku']}",
        words.money(line["total_minor"], currency),
        f"{gone} cancelled" if gone else "",
        f"{words.moment(line['starts_at'], zone)}, {', '.join(sorted(held))}" if held else "",
    )


def _tender(tender: words.Answer, currency: str) -> tuple[str, ...]:
    back = tender["returned_minor"] + tender["returned_elsewhere_minor"]
    held = tender["authorised_minor"] if not tender["captured_minor"] else 0
    return (
        words.method(tender["method"]),
        words.money(tender["captured_minor"] or held, currency),
        "held" if held else "",
        f"{words.money(back, currency)} went back" if back else "",
        f"{words.money(tender['pending_minor'], currency)} on its way"
        if tender["pending_minor"]
        else "",
    )


def _refund(refund: words.Answer, currency: str) -> tuple[str, ...]:
    apart = "" if refund["cancellation_id"] else "without a cancellation"
    amount, state = words.money(refund["amount_minor"], currency), refund["state"]
    return refund["id"], amount, state.replace("_", " "), apart


def _past(past: words.Answer, currency: str) -> tuple[str, ...]:
    amount, state = words.money(past["refund_minor"], currency), past["state"]
    back = f"{amount} {'would go back' if state in words.WAITING else 'back'}"
    return (
        past["id"],
        state.replace("_", " "),
        past["reason"]["label"] or "",
        "nothing goes back" if state in words.NOTHING else back,
    )
