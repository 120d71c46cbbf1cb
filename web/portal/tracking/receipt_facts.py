"""What the receipt of a cancellation says, once for paper and page."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import NamedTuple

from domain.credit_notes import Business
from domain.lifecycle import RefundState
from domain.requests import Right
from domain.subjects import Kind
from use_cases.subject_views import SubjectView
from use_cases.views import CancellationView, RefundView
from web.portal.explained import sentences
from web.portal.spoken import speaker_of
from web.portal.visit import Visit
from web.shared.pages import Words

Row = tuple[str, str]
"""A label and what it is; an amount, where it is about money."""


class Receipt(NamedTuple):
    """`total` are the rows that stand out, `day` is when it was cancelled."""

    title: str
    business: Business
    day: date
    facts: Sequence[Row]
    lines: Sequence[Row]
    total: Sequence[Row]
    refunds: Sequence[Row]
    why: Sequence[str]


def receipt_of(
    visit: Visit, view: SubjectView, seen: CancellationView, notes: Sequence[str]
) -> Receipt:
    words, say = visit.words, visit.words.say
    speaker = speaker_of(words, view)
    codes = seen.decision.price_codes if seen.decision else ()
    return Receipt(
        title=say("Statement of a withdrawal")
        if seen.right is Right.LAW
        else say("Receipt of a cancellation"),
        business=visit.context.business,
        day=(seen.ended_at or seen.requested_at).astimezone(speaker.zone).date(),
        facts=list(_facts(words, view, seen, notes)),
        lines=list(_items(words, view, seen)),
        total=list(_total(words, seen)),
        refunds=[
            (_refund(words, refund, speaker.word("method", refund.method)), _back(words, refund))
            for refund in seen.refunds
        ],
        why=sentences(speaker, codes),
    )


def _facts(
    words: Words, view: SubjectView, seen: CancellationView, notes: Sequence[str]
) -> Iterator[Row]:
    yield words.say("Reference"), str(seen.id)
    is_order = view.kind is Kind.ORDER
    yield words.say("Order") if is_order else words.say("Appointment"), view.id
    if view.starts_at is not None:
        yield words.say("Booked for"), words.moment(view.starts_at, view.zone)
    if view.customer.name:
        yield words.say("Customer"), view.customer.name
    asked, ended = words.say("Requested"), words.say("Cancelled")
    if seen.right is Right.LAW:
        asked, ended = words.say("Withdrawal received"), words.say("Carried out")
    yield asked, words.moment(seen.requested_at, view.zone)
    if seen.ended_at:
        yield ended, words.moment(seen.ended_at, view.zone)
    if notes:
        yield words.say("Credit notes"), ", ".join(notes)


def _items(words: Words, view: SubjectView, seen: CancellationView) -> Iterator[Row]:
    """Each line with its price, then what is taken off or added, down to what goes back."""
    decision, say = seen.decision, words.say
    if decision is None:
        return
    titles = {line.id: line.title or line.sku for line in view.lines}
    for line in decision.lines:
        times = f"{line.quantity} × " if line.quantity > 1 else ""
        title = titles.get(line.id) or say("Item without a name")
        yield f"{times}{title}", words.money(line.price_minor, seen.currency)
    if seen.adjusted_minor:
        amount = words.money(seen.adjusted_minor, seen.currency)
        yield say("Discounts, shipping and earlier parts"), amount
    if seen.fee_minor:
        kept = say("Kept by decision of our staff")
        label = kept if decision.is_refund_set else say("Cancellation fee")
        yield label, words.money(-seen.fee_minor, seen.currency)
    if seen.waived_minor:
        yield say("Not paid out"), words.money(-seen.waived_minor, seen.currency)
    if before := seen.given_before_minor:
        yield say("Given back before, or not paid"), words.money(-before, seen.currency)


def _total(words: Words, seen: CancellationView) -> Iterator[Row]:
    back = (seen.refund_minor or 0) - seen.waived_minor
    yield words.say("You get back"), words.money(back, seen.currency)
    if seen.due_minor:
        yield words.say("Still to be paid"), words.money(seen.due_minor, seen.currency)


def _refund(words: Words, refund: RefundView, method: str) -> str:
    """Where the money goes, and by when it is there."""
    if refund.state is RefundState.WAIVED:
        return words.say("%(method)s, not paid out", method=method)
    if refund.settled_at and refund.state is not RefundState.SUCCEEDED:
        return words.say("%(method)s, settled", method=method)
    if refund.expected_by is None:
        return method
    day = words.day(refund.expected_by)
    return words.say("%(method)s, expect it by %(day)s", method=method, day=day)


def _back(words: Words, refund: RefundView) -> str:
    return words.money(refund.amount_minor, refund.currency)
