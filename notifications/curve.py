"""How the terms of a cancellation change with time, in words."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from babel.numbers import format_percent

from domain.decisions import Change, Decision, Outcome
from notifications.speaker import Speaker

MOST = 6
"""Changes that are told one by one."""


class _Terms(NamedTuple):
    outcome: Outcome
    refund: int
    fee: int
    lines: Sequence[str]


class _Span(NamedTuple):
    """Terms in words, and until when they hold; the last ones until anything else changes."""

    terms: str
    until: datetime | None


def curve(decision: Decision, speaker: Speaker, now: datetime | None = None) -> list[str]:
    """Each span of time with its terms, in order, from `now` on, else from the decision on.

    Empty where nothing changes any more.
    """
    start = now or decision.decided_at
    terms = _Terms(decision.outcome, decision.refund_minor, decision.fee_minor, decision.line_ids)
    ahead: list[Change] = []
    for change in decision.next_changes:
        if start is not None and change.at < start:
            terms = _of(change)
        else:
            ahead.append(change)
    return _clauses(terms, ahead, speaker) if ahead else []


def curve_sentence(decision: Decision, speaker: Speaker, now: datetime | None = None) -> str:
    """The whole curve as one sentence; empty where nothing changes any more."""
    told = "; ".join(curve(decision, speaker, now))
    return f"{told[:1].upper()}{told[1:]}." if told else ""


def _of(change: Change) -> _Terms:
    return _Terms(change.outcome, change.refund_minor or 0, change.fee_minor or 0, change.lines)


def _clauses(terms: _Terms, ahead: Sequence[Change], speaker: Speaker) -> list[str]:
    spans = _spans(terms, ahead, speaker)
    told = []
    for number, span in enumerate(spans[:MOST]):
        if span.until is None:
            break
        word = speaker.word("curve", "then_until" if number else "until")
        told.append(word.format(terms=span.terms, until=speaker.moment(span.until)))
    if len(spans) > MOST + 1:
        return [*told, speaker.word("curve", "more")]
    if ahead[-1].outcome is Outcome.DECLINED:
        return [*told, speaker.word("curve", "over")]
    return [*told, speaker.word("curve", "then").format(terms=spans[-1].terms)]


def _spans(terms: _Terms, ahead: Sequence[Change], speaker: Speaker) -> list[_Span]:
    """One after the other; neighbours that would be told alike are one."""
    whole, spans = terms.lines, list[_Span]()
    for present, until in _in_turn(terms, ahead):
        said = _part(present, whole, speaker)
        if spans and spans[-1].terms == said:
            spans.pop()
        spans.append(_Span(said, until))
    return spans


def _in_turn(terms: _Terms, ahead: Sequence[Change]) -> Iterator[tuple[_Terms, datetime | None]]:
    for change in ahead:
        yield terms, change.at
        terms = _of(change)
    yield terms, None


def _part(terms: _Terms, whole: Sequence[str], speaker: Speaker) -> str:
    """The terms, with what they are for where that isn't all that could be cancelled before."""
    told, titles = _terms(terms, speaker), speaker.titles
    gone = [line for line in whole if line not in terms.lines]
    if not terms.lines or not gone:
        return told
    left = [titles[line] for line in terms.lines if line in titles]
    lost = [titles[line] for line in gone if line in titles]
    if len(left) == 1:
        return speaker.word("curve", "only").format(item=left[0], terms=told)
    if len(lost) == 1:
        return speaker.word("curve", "without").format(item=lost[0], terms=told)
    return speaker.word("curve", "part").format(terms=told)


def _terms(terms: _Terms, speaker: Speaker) -> str:
    if terms.outcome is Outcome.DECLINED:
        return speaker.word("curve", "declined")
    if terms.outcome is Outcome.HAND_OVER:
        return speaker.word("curve", "hand_over")
    price = _price(terms, speaker)
    if terms.outcome is Outcome.NEEDS_APPROVAL:
        return speaker.word("curve", "person").format(terms=price)
    return price


def _price(terms: _Terms, speaker: Speaker) -> str:
    """The fee, with its share of the price where that is a whole percentage."""
    if not terms.fee:
        return speaker.word("curve", "free")
    fee = speaker.money(terms.fee)
    hundredths = next(_shares(terms), None)
    if hundredths is None:
        return speaker.word("curve", "fee").format(fee=fee)
    share = format_percent(hundredths / 100, locale=speaker.locale)
    return speaker.word("curve", "fee_share").format(fee=fee, share=share)


def _shares(terms: _Terms) -> Iterator[int]:
    price = terms.refund + terms.fee
    if terms.refund and terms.fee * 100 % price == 0:
        yield terms.fee * 100 // price
