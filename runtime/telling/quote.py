"""A quote, as lines to read."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from runtime.telling import words

_OUTCOMES = {
    "allowed": "It can be cancelled.",
    "needs_approval": "It can be cancelled if a person agrees.",
    "hand_over": "A person has to decide.",
    "declined": "It can't be cancelled.",
}


def lines(answer: words.Answer, zone: ZoneInfo | None = None) -> Iterator[str]:
    decision, subject = answer["decision"], answer["subject"]
    yield f"{subject['kind'].capitalize()} {subject['id']}: {_OUTCOMES[decision['outcome']]}"
    yield from words.codes(decision["codes"], subject["kind"], decision["currency"], zone)
    if decision["outcome"] != "declined":
        yield from words.amounts(decision)
    for change in decision["next_changes"][:1]:
        until = words.moment(change["at"], zone)
        yield f"Until {until}, then: {_then(change, decision['currency'])}"
    if decision["outcome"] != "declined":
        yield f"Quote {answer['id']}, good until {words.moment(answer['expires_at'], zone)}."


def _then(change: words.Answer, currency: str) -> str:
    """What the answer changes to: the amounts where only they change."""
    outcome = _OUTCOMES[change["outcome"]].lower()
    if change["refund_minor"] is None:
        return outcome
    back = words.money(change["refund_minor"], currency)
    fee = words.money(change["fee_minor"] or 0, currency)
    return f"{outcome.rstrip('.')}, with {back} back and a fee of {fee}."
