"""Gathers from storage what a cancellation's mails have to tell."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from activities.places import Places
from domain.attention import refund_choices
from domain.card_holds import CardHoldState
from domain.decisions import Decision
from domain.ids import cancellation_workflow, refund_workflow
from domain.lifecycle import SubjectState
from domain.requests import Right
from domain.subjects import SubjectRef
from notifications.news import Audience, Held, Item, News, Payback, Template
from storage import card_holds, dues, evidence, preferences, refunds, subjects
from storage.cancellations import CancellationRow
from storage.card_holds import CardHoldRow
from storage.decisions import DecisionRow
from storage.dues import DueRow
from storage.notifications import NotificationRow
from storage.policies import PolicyVersionRow
from storage.preferences import PreferencesRow
from storage.reasons import ReasonRow
from storage.refunds import RefundRow
from storage.requests import RequestRow
from storage.subjects import LineRow, SubjectRow


class Case(NamedTuple):
    """A cancellation with all that its mails may tell, as it stands now."""

    cancellation: CancellationRow
    request: RequestRow
    subject: SubjectRow
    decision: Decision | None
    reason: ReasonRow | None
    lines: Sequence[LineRow]
    refunds: Sequence[RefundRow]
    dues: Sequence[DueRow]
    card_holds: Sequence[CardHoldRow]
    sentences: dict[str, dict[str, str]]
    preferences: PreferencesRow | None = None
    files: int = 0


async def load(session: AsyncSession, cancellation_id: UUID) -> Case:
    found = await session.execute(_CASE, {"cancellation_id": cancellation_id})
    cancellation, request, subject, decision, reason, sentences = found.one()
    return Case(
        cancellation=cancellation,
        request=request,
        subject=subject,
        decision=decision.decision if decision else None,
        reason=reason,
        lines=await subjects.lines_of(session, subject.id),
        refunds=await refunds.of_cancellation(session, cancellation_id),
        dues=await dues.of_cancellation(session, cancellation_id) if cancellation.due_minor else (),
        card_holds=await card_holds.of_cancellation(session, cancellation_id),
        sentences=sentences or {},
        preferences=await preferences.find(session, subject.customer_ref, subject.customer_email),
        files=await _files(session, cancellation),
    )


async def _files(session: AsyncSession, cancellation: CancellationRow) -> int:
    """How many files came with it: only requests for a favour may bring some."""
    if cancellation.right is not Right.GOODWILL:
        return 0
    return await evidence.count_of(session, cancellation.id)


_POLICY_ID = func.coalesce(func.nullif(DecisionRow.policy_id, ""), SubjectRow.policy_id)
_POLICY_VERSION = func.coalesce(
    func.nullif(DecisionRow.policy_version, 0), SubjectRow.policy_version
)
_CASE = (
    select(
        *(CancellationRow, RequestRow, SubjectRow, DecisionRow, ReasonRow),
        PolicyVersionRow.document["sentences"],
    )
    .join(RequestRow, RequestRow.id == CancellationRow.id)
    .join(SubjectRow, SubjectRow.id == CancellationRow.subject_id)
    .outerjoin(DecisionRow, DecisionRow.cancellation_id == CancellationRow.id)
    .outerjoin(ReasonRow, ReasonRow.code == CancellationRow.reason)
    .outerjoin(
        PolicyVersionRow,
        (PolicyVersionRow.policy_id == _POLICY_ID) & (PolicyVersionRow.version == _POLICY_VERSION),
    )
    .where(CancellationRow.id == bindparam("cancellation_id"))
)
"""One that was declined may have no decision, or one that no policy made: then the sentences are
those of the subject's own."""


def tell(row: NotificationRow, case: Case, places: Places) -> News:
    """Say what this mail about a cancellation is to tell."""
    cancellation, subject, decision = case.cancellation, case.subject, case.decision
    is_business = row.audience == Audience.BUSINESS
    reader = reader_of(row, subject, case.preferences, places.language)
    language = reader["language"]
    return News(
        **reader,
        cancellation_id=cancellation.id,
        requested_at=cancellation.requested_at,
        initiator=cancellation.initiator,
        right=cancellation.right,
        reason=case.reason.reason.label(language) if case.reason else None,
        note=case.request.note if is_business else None,
        files=case.files if is_business else 0,
        cause=cancellation.cause,
        currency=cancellation.currency,
        items=_items(case),
        paybacks=_paybacks(case),
        refund_minor=cancellation.refund_minor,
        fee_minor=cancellation.fee_minor,
        due_minor=cancellation.due_minor,
        from_hold_minor=_from_hold(case),
        holds=tuple(_held(hold) for hold in case.card_holds if _goes_as_planned(hold)),
        is_partial=subject.cancellation_state is SubjectState.PARTLY_CANCELLED,
        approval_until=cancellation.approval_until,
        undo_until=cancellation.undo_until,
        keeps_terms=cancellation.retry_quote_id is not None,
        **_of_refund(row, case),
        step=row.data.get("step") or cancellation.attention,
        failure=row.data.get("failure") or cancellation.attention_failure,
        record_url=places.record(f"/v1/cancellations/{cancellation.id}") if is_business else "",
        page_url=""
        if is_business
        else places.page(subject.id, f"/cancellations/{cancellation.id}"),
        run_url=places.run(_run_of(row, case)) if is_business else "",
        told_at=row.created_at,
        sentences=case.sentences,
        **(_of_decision(decision) if decision else {}),
    )


def reader_of(
    row: NotificationRow, subject: SubjectRow, wanted: PreferencesRow | None, language: str
) -> dict[str, Any]:
    """Who reads a mail of this subject, in which language and by whose clock. What a customer
    chose on their page counts before what the merchant told of them."""
    told = (wanted and wanted.language) or subject.customer_language
    is_customer = row.audience == Audience.CUSTOMER
    return {
        "template": Template(row.template),
        "audience": Audience(row.audience),
        "subject": SubjectRef(kind=subject.kind, id=subject.ref),
        "language": (told if is_customer else None) or language,
        "zone": subject.zone,
        "customer_zone": (wanted and wanted.zone) or subject.customer_zone,
        "customer_name": subject.customer_name,
        "customer_email": subject.customer_email,
        "starts_at": subject.starts_at or subject.starts_on,
    }


def _run_of(row: NotificationRow, case: Case) -> str:
    """The run that a mail to the business is about."""
    if refund := row.data.get("refund"):
        return refund_workflow(UUID(refund))
    return cancellation_workflow(case.subject.subject, case.cancellation.n)


def _of_decision(decision: Decision) -> dict[str, object]:
    approval = decision.approval
    return {
        "outcome": decision.outcome,
        "findings": decision.codes,
        "decision": decision,
        "refund": decision.refund,
        "approve_by_default": approval is not None and approval.approve_by_default,
    }


def _of_refund(row: NotificationRow, case: Case) -> dict[str, object]:
    """The refund that a mail is about, where it is about one."""
    return one_refund(next(_named(row, case.refunds), None))


def _named(row: NotificationRow, refunds: Sequence[RefundRow]) -> Iterator[RefundRow]:
    return (one for one in refunds if str(one.id) == row.data.get("refund"))


def one_refund(about: RefundRow | None) -> dict[str, object]:
    """What is told of the one refund that a mail speaks of."""
    if about is None:
        return {}
    return {
        "payback": payback(about),
        "due_by": about.due_by,
        "refund_id": about.id,
        "waits": about.attention,
        "choices": frozenset(refund_choices(about.state, about.attention)),
        "answer_by": about.answer_by,
    }


def _items(case: Case) -> tuple[Item, ...]:
    """The lines that the decision priced; where it priced none, those that were asked for."""
    lines = {line.id: line for line in case.lines}
    if case.decision and case.decision.lines:
        return tuple(
            Item(
                title=lines[amount.id].title,
                quantity=amount.quantity,
                price_minor=amount.price_minor,
                fee_minor=amount.fee_minor,
                refund_minor=amount.refund_minor,
                adjustments=amount.adjustments,
                starts_at=_own_start(lines[amount.id], case.subject),
            )
            for amount in case.decision.lines
            if amount.id in lines
        )
    return tuple(
        Item(
            title=lines[asked["id"]].title,
            quantity=asked["quantity"],
            price_minor=0,
            fee_minor=0,
            refund_minor=0,
            starts_at=_own_start(lines[asked["id"]], case.subject),
        )
        for asked in case.cancellation.lines or case.request.body.get("lines", ())
        if asked["id"] in lines
    )


def _own_start(line: LineRow, subject: SubjectRow) -> datetime | date | None:
    start = line.starts_at or line.starts_on
    return None if start == (subject.starts_at or subject.starts_on) else start


def _from_hold(case: Case) -> int:
    """What a held card gives of what is due now. Until nothing is left to hold it for, it may
    give all; then it gives what it was or is to be captured for."""
    given = [due for due in case.dues if due.tender_id]
    if not case.card_holds:
        return sum(due.amount_minor for due in given)
    take = sum(hold.take_minor for hold in case.card_holds if _goes_as_planned(hold))
    return min(take, sum(due.amount_minor for due in given))


def _goes_as_planned(hold: CardHoldRow) -> bool:
    """Whether it was or will be captured or let go as decided."""
    if hold.state is CardHoldState.DONE:
        return hold.captured_minor == hold.take_minor
    return hold.state in (CardHoldState.OWED, CardHoldState.REQUESTED)


def _held(hold: CardHoldRow) -> Held:
    return Held(take_minor=hold.take_minor, is_done=hold.state is CardHoldState.DONE)


def _paybacks(case: Case) -> tuple[Payback, ...]:
    """The refunds as they stand; before there are any, what the decision plans."""
    if case.refunds:
        return tuple(map(payback, case.refunds))
    return tuple(
        Payback(
            method=tender.method,
            handling=tender.handling,
            form=tender.form,
            timing=tender.timing,
            amount_minor=tender.amount_minor,
        )
        for tender in (case.decision.tenders if case.decision else ())
    )


def payback(refund: RefundRow) -> Payback:
    return Payback(
        method=refund.method,
        handling=refund.handling,
        form=refund.form,
        timing=refund.timing,
        amount_minor=refund.amount_minor,
        state=refund.state,
        expected_by=refund.expected_by,
    )
