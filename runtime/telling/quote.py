"""A quote, as lines to read."""

from collections.abc import Iterator

from runtime.telling import speaking, words
from runtime.telling.speaking import NOWHERE, LineSpeaker, Setting

_OUTCOMES = {
    "allowed": "It can be cancelled.",
    "needs_approval": "It can be cancelled if a person agrees.",
    "hand_over": "A person has to decide.",
    "declined": "It can't be cancelled.",
}


def lines(answer: words.Answer, setting: Setting = NOWHERE) -> Iterator[str]:
    decision, subject = answer["decision"], answer["subject"]
    speaker = LineSpeaker(subject["kind"], decision["currency"], setting)
    yield f"{subject['kind'].capitalize()} {subject['id']}: {_OUTCOMES[decision['outcome']]}"
    yield from speaking.codes(decision["codes"], speaker)
    if decision["outcome"] != "declined":
        yield from words.amounts(decision)
        yield from words.goods(decision)
    yield from speaking.ahead(decision, speaker)
    if decision["outcome"] != "declined":
        until = words.moment(answer["expires_at"], setting.zone)
        yield f"Quote {answer['id']}, good until {until}."


def traced(answer: words.Answer, setting: Setting = NOWHERE) -> Iterator[str]:
    """How it was decided, for staff."""
    decision = answer["decision"]
    speaker = LineSpeaker(answer["subject"]["kind"], decision["currency"], setting)
    yield from speaking.trace(decision, speaker)
