"""A cancellation and what happens next, as lines to read."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from notifications import catalogue
from runtime.telling import speaking, words
from runtime.telling.speaking import NOWHERE, LineSpeaker, Setting

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


def lines(answer: words.Answer, setting: Setting = NOWHERE) -> Iterator[str]:
    zone = setting.zone
    subject, state = answer["subject"], answer["state"]
    yield f"Cancellation {answer['id']}: {state.replace('_', ' ')}"
    yield f"  {subject['kind']} {subject['id']}, asked {words.moment(answer['requested_at'], zone)}"
    if answer.get("cause") and not _is_told_by_codes(answer):
        sentence = catalogue.find("en", "words", "cause", answer["cause"], kind=subject["kind"])
        yield f"  {sentence or answer['cause']}"
    if answer.get("decision"):
        yield from _decided(answer, setting)
    yield from _refunds(answer)
    yield from words.dues(answer)
    yield from _next(answer, zone)


def _is_told_by_codes(answer: words.Answer) -> bool:
    """Whether it was refused by what it is, not by the terms; the codes say that alone."""
    found = {finding["code"] for finding in answer["codes"]}
    return answer["cause"] == "rules" and not found.isdisjoint(_NOT_BY_TERMS)


def traced(answer: words.Answer, setting: Setting = NOWHERE) -> Iterator[str]:
    """How it was decided, for staff."""
    if answer.get("decision"):
        yield from speaking.trace(answer["decision"], _speaker(answer, setting))


def _speaker(answer: words.Answer, setting: Setting) -> LineSpeaker:
    return LineSpeaker(answer["subject"]["kind"], answer["currency"], setting)


def _decided(answer: words.Answer, setting: Setting) -> Iterator[str]:
    """Why, and what goes back; of one that came to nothing only why it was declined."""
    decision, state = answer["decision"], answer["state"]
    if state not in words.NOTHING or answer["cause"] == "rules":
        found = [one for one in answer["codes"] if not (_is_set(decision) and _is_price(one))]
        yield from speaking.codes(found, _speaker(answer, setting))
    if state in words.NOTHING:
        return
    if _is_set(decision):
        yield "  The amount that goes back was set by the one who approved it."
    yield from words.amounts(decision, "would go back" if state in words.WAITING else "goes back")
    yield from words.goods(decision)


def _is_set(decision: words.Answer) -> bool:
    """Whether an approver chose the amount, so that the codes of the price don't hold."""
    return any(step["rule"] == "approval.amount" for step in decision["trace"])


def _is_price(finding: words.Answer) -> bool:
    return finding["code"] in _PRICES


def _refunds(answer: words.Answer) -> Iterator[str]:
    """What became of each refund; of one that came to nothing only what was tried."""
    is_nothing = answer["state"] in words.NOTHING
    told = [one for one in answer["refunds"] if not (is_nothing and _is_untried(one))]
    for refund in told:
        amount = words.money(refund["amount_minor"], answer["currency"])
        state = refund["state"].replace("_", " ")
        yield f"  refund to {words.method(refund['method'])}: {amount}, {state}{_more(refund)}"
    is_unpaid = all(refund["state"] == "failed" for refund in told)
    if is_nothing and is_unpaid and not _is_told_by_codes(answer):
        yield "  nothing goes back"


def _more(refund: words.Answer) -> str:
    """What a refund waits for, and by when its money should be there."""
    told = [refund.get("pending_reason") or refund.get("action")]
    told.append(f"waits: {refund['attention']}".replace("_", " ") if refund["attention"] else None)
    if refund.get("expected_by") and refund["state"] not in ("failed", "waived"):
        told.append(f"expected by {refund['expected_by']}")
    return "".join(f", {each}" for each in told if each)


def _is_untried(refund: words.Answer) -> bool:
    return refund["state"] in ("owed", "waived") or refund["failure"] == "dropped"


def _next(answer: words.Answer, zone: ZoneInfo | None) -> Iterator[str]:
    """What happens next, and who has to do something for it."""
    match answer["state"]:
        case "received":
            yield "Next: nobody has decided yet; look again in a moment."
        case "awaiting_approval":
            yield f"Next: a person answers until {words.moment(answer['approval_until'], zone)}:"
            yield f"  rescind approve {answer['id']}"
            yield f"  rescind decline {answer['id']}"
        case "undo_window":
            until = words.moment(answer["undo_until"], zone)
            yield f"Next: it takes effect {until}; until then it can be taken back:"
            yield f"  rescind undo {answer['id']}"
        case "working":
            yield "Next: it is being carried out."
        case "joined":
            yield f"Next: it goes the way of {answer['joined_id']}."
    for waiting in answer.get("attention", ()):
        ways = ", ".join(waiting["choices"])
        yield f"Next: {waiting['step'].replace('_', ' ')} needs a person, who can: {ways}."
