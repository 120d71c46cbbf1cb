"""Refunds and requests for them, as lines to read."""

import shlex
from collections.abc import Iterable, Iterator, Mapping

from runtime.telling import words

_WAITS: Mapping[str, str] = {
    "approval": "waits for a yes",
    "on_request": "waits to be asked for",
    "manual": "to be paid by hand",
    "customer": "waits for the customer's choice",
    "refund": "waits for a person",
}


def table(refunds: Iterable[words.Answer]) -> Iterator[str]:
    """A list of refunds, one a line, with what each waits for."""
    rows = [
        (
            one["id"],
            f"{one['subject']['kind']} {one['subject']['id']}",
            words.money(one["amount_minor"], one["currency"]),
            words.method(one["method"]),
            one["state"].replace("_", " "),
            _told(one),
        )
        for one in refunds
    ]
    yield from words.table(rows) if rows else ["  none"]


def lines(answer: words.Answer) -> Iterator[str]:
    """All of a refund: where it stands, what happened, and what can be done."""
    amount = words.money(answer["amount_minor"], answer["currency"])
    yield f"Refund {answer['id']}: {amount}, {answer['state'].replace('_', ' ')}"
    yield from words.table(_facts(answer))
    yield "History"
    yield from words.table((words.moment(e["at"]), e["type"]) for e in answer["history"])
    yield from _next(answer)


def request_lines(answer: words.Answer) -> Iterator[str]:
    """A request with what it led to."""
    amount = words.money(answer["amount_minor"], answer["currency"])
    subject = answer["subject"]
    yield f"Refund request {answer['id']}: {amount}, {answer['state'].replace('_', ' ')}"
    yield f"  {subject['kind']} {subject['id']}, asked {words.moment(answer['requested_at'])}"
    yield from table(answer["refunds"])
    if answer["state"] == "awaiting_approval":
        until = words.moment(answer["approval_until"])
        yield f"Next: a person answers until {until}, or it is a no:"
        yield f"  rescind refunds approve {answer['id']}"
        yield f"  rescind refunds decline {answer['id']}"


def _told(refund: words.Answer) -> str:
    """What it waits for, else when the money can be expected."""
    if refund["attention"]:
        waits = _WAITS.get(refund["attention"], refund["attention"])
        return f"{waits} ({refund['failure']})" if refund["failure"] else waits
    if refund["settled_at"] is None and refund["expected_by"]:
        return f"expected by {refund['expected_by']}"
    return ""


def _facts(answer: words.Answer) -> Iterator[tuple[str, str]]:
    subject, payout = answer["subject"], answer["payout"] or {}
    yield "of", f"{subject['kind']} {subject['id']}"
    for name, key in (("cancellation", "cancellation_id"), ("request", "request_id")):
        if answer[key]:
            yield name, answer[key]
    yield "to", f"{words.method(answer['method'])}, as {answer['form'].replace('_', ' ')}"
    if _told(answer):
        yield "now", _told(answer)
    for name in ("pending_reason", "action"):
        if answer[name]:
            yield name.replace("_", " "), answer[name].replace("_", " ")
    if answer["due_by"] and answer["settled_at"] is None:
        yield "due by", words.moment(answer["due_by"])
    if payout.get("details"):
        yield "wanted", payout["details"]
    if payout.get("reference"):
        who = payout["confirmed_by"] or f"{payout['proposed_by']}, to be confirmed by another"
        yield "paid", f"{payout['reference']} by {who}"
    yield "run", answer["workflow_id"]


def _next(answer: words.Answer) -> Iterator[str]:
    """The commands that are open now: of a payment that somebody proposed, its yes or no."""
    id_, payout = answer["id"], answer["payout"] or {}
    ways = [way.format(id=id_) for choice, way in _WAYS if choice in answer["choices"]]
    if answer["attention"] == "on_request":
        subject = answer["subject"]
        asking = f"request {subject['kind']} {subject['id']} --cancellation"
        ways = [f"{asking} {answer['cancellation_id']}"]
    elif ways and payout.get("reference") and not payout["confirmed_by"]:
        ways = [f"pay {id_} --reference {shlex.quote(payout['reference'])}", f"withdraw {id_}"]
    if ways:
        yield "Next:"
        yield from (f"  rescind refunds {way}" for way in ways)


_WAYS = (
    ("approve", "approve {id}"),
    ("decline", "decline {id}"),
    ("retry", "retry {id}"),
    ("settle_by_hand", "pay {id} --reference TEXT"),
    ("store_credit", "credit {id}"),
    ("skip", "waive {id} --reason TEXT"),
)
