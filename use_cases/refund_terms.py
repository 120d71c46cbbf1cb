"""Deciding a refund that no cancellation decided, and writing down what it owes."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.attention import Waits
from domain.decisions import Outcome, TenderAmount
from domain.errors import AmountFixed, AmountRequired, RefundTooHigh
from domain.ids import refund_id
from domain.lifecycle import RefundState
from domain.limits import Limits
from domain.money import plain
from domain.policy.document import DEFAULT_WAIT, Document
from domain.refund_requests import ORIGINAL, STORE_CREDIT, LineShare, check_form, share_lines
from domain.refunds import Share, allocate, handling_of, refundable
from domain.subjects import Tender
from storage import facts, refund_requests, refunds, subjects, tenders
from storage.refunds import RefundRow
from storage.subjects import SubjectRow
from use_cases.refund_intake import Checked, Terms, line_wishes


async def decide(session: AsyncSession, checked: Checked, limit: Limits, policy: Document) -> Terms:
    """How much goes back, and whether a person has to agree.

    What a cancellation left to be asked for is due, whole. Else a person agrees to whatever a
    customer asks, and to what staff ask above the limit of one person, which counts all that was
    given back of a subject. Raises AmountFixed, AmountRequired, RefundTooHigh, FormNotOffered.
    """
    asked, subject = checked.asked, checked.subject
    form = check_form(asked.form, offered(policy, is_inside=asked.is_inside))
    if checked.waiting:
        return Terms(Outcome.ALLOWED, _due(checked), asked.form)
    shares = await _shares(session, checked)
    amount = asked.amount_minor or sum(share.amount_minor for share in shares)
    if not amount:
        raise AmountRequired("nothing waits to be asked for: name amount_minor or lines")
    given = await refund_requests.given(session, subject.id)
    alone = asked.is_inside and limit.allow(given + amount, subject.currency)
    outcome = Outcome.ALLOWED if alone else Outcome.NEEDS_APPROVAL
    return Terms(outcome, amount, form, shares)


def _due(checked: Checked) -> int:
    """What the cancellation left to be asked for, which is that or nothing."""
    due, asked = sum(row.amount_minor for row in checked.waiting), checked.asked
    if asked.lines or asked.amount_minor not in (None, due):
        raise AmountFixed(f"{due} waits to be asked for, all of it", amount_minor=due)
    return due


async def claim(
    session: AsyncSession,
    checked: Checked,
    terms: Terms,
    policy: Document,
    request_id: UUID,
    at: datetime,
) -> list[RefundRow]:
    """Have a request's refunds name it: those that waited for it, or new ones."""
    if not checked.waiting:
        return await _write(session, checked, terms, policy, request_id, at)
    for row in checked.waiting:
        row.request_id = request_id
    return checked.waiting


def offered(policy: Document, *, is_inside: bool) -> frozenset[str]:
    """As what money may be asked back."""
    named = {form.form for form in policy.forms if form.form}
    return frozenset({ORIGINAL, *({STORE_CREDIT} if is_inside or STORE_CREDIT in named else ())})


async def _write(
    session: AsyncSession,
    checked: Checked,
    terms: Terms,
    policy: Document,
    request_id: UUID,
    at: datetime,
) -> list[RefundRow]:
    """Write down what is owed to each tender. Raises RefundTooHigh.

    The subject is locked, so of two requests for the same money the second finds it taken.
    """
    subject = checked.subject
    free = await _free(session, subject.id)
    left = refundable(free)
    if terms.amount_minor > left:
        most, asked = (plain(minor, subject.currency) for minor in (left, terms.amount_minor))
        raise RefundTooHigh(f"at most {most} can be returned now, not {asked}", left=left)
    method = checked.asked.method
    share = Share.CHOICE if method and checked.asked.is_inside else policy.share
    paid = {tender.id: tender for tender in free}
    rows = []
    for amount in allocate(
        terms.amount_minor,
        free,
        policy.tender_order,
        share=share,
        choice=method,
        form=terms.form or ORIGINAL,
    ):
        row = _refund(subject, paid[amount.id], amount, request_id, at)
        row.if_refund_fails = policy.if_refund_fails
        if terms.outcome is Outcome.NEEDS_APPROVAL:
            wait = policy.approval.within if policy.approval else DEFAULT_WAIT
            row.attention, row.answer_by = Waits.APPROVAL, at + wait
        await refunds.add(session, row)
        rows.append(row)
    return rows


async def _shares(session: AsyncSession, checked: Checked) -> tuple[LineShare, ...]:
    asked = checked.asked
    if not asked.lines:
        return ()
    rows = await subjects.lines_of(session, checked.subject.id)
    lines = [facts.line(row) for row in rows]
    return share_lines(line_wishes(asked.lines), lines, asked.amount_minor)


async def _free(session: AsyncSession, subject_id: UUID) -> list[Tender]:
    """The tenders, with what other refunds still want of them counted as pending."""
    claimed = await refunds.claimed(session, subject_id)
    paid = await tenders.of_subject(session, subject_id)
    return [facts.tender(row, claimed.get(row.id, 0)) for row in paid]


def _refund(
    subject: SubjectRow, tender: Tender, amount: TenderAmount, request_id: UUID, at: datetime
) -> RefundRow:
    handling = handling_of(amount.form, tender.handling)
    return RefundRow(
        id=refund_id(request_id, tender.id),
        subject_id=subject.id,
        request_id=request_id,
        tender_id=tender.id,
        method=tender.method,
        handling=handling,
        form=amount.form,
        timing=amount.timing,
        amount_minor=amount.amount_minor,
        currency=subject.currency,
        state=RefundState.OWED,
        attempt=1,
        attempt_begun=False,
        provider=tender.provider if handling is tender.handling else None,
        payment_ref=tender.payment_ref,
        created_at=at,
        updated_at=at,
    )
