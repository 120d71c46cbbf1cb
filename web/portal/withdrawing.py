"""Withdrawing from a contract by law, in two steps: a statement, and "confirm withdrawal".

Anybody may, with a number, a name and an address. No reason is asked, nobody has to agree, and what
was declared is kept whatever comes of it.
"""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import NamedTuple
from uuid import UUID, uuid4

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.decisions import Decision
from domain.errors import RescindError
from domain.subjects import SubjectRef
from use_cases import customers, withdrawals
from use_cases.intake import AskedLine
from use_cases.subject_views import SubjectView
from use_cases.withdrawals import Statement, WithdrawalView
from web.portal import limits, statements, withdrawal_papers
from web.portal.explained import explain
from web.portal.spoken import speaker_of
from web.portal.statements import Filled
from web.portal.visit import AnyVisit, FormRefused, Visit, go, path_of
from web.shared.pages import HEADERS

router = APIRouter()

UNFINISHED = HTTPStatus.UNPROCESSABLE_ENTITY
_KEPT = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


class Entry(NamedTuple):
    """The way in: there is a right now, and the last of it ends `until`, if that is known."""

    until: datetime | None


@router.get("/withdraw")
async def declare(visit: AnyVisit) -> Response:
    email = (visit.customer.email if visit.customer else None) or ""
    return _show_statement(visit, Filled(email=email))


@router.post("/withdraw")
async def look_over(visit: AnyVisit) -> Response:
    """Show once more what will be declared. `change` goes back to the fields."""
    fields = await visit.fields()
    filled = statements.read(fields)
    if fields.one("change"):
        return _show_statement(visit, filled)
    if faults := filled.faults(None):
        return _show_statement(visit, filled, faults)
    return show_confirm(visit, filled)


@router.post("/withdraw/confirm")
async def confirm(visit: AnyVisit) -> Response:
    """Take the declaration, whether or not there is such an order: a person finds out."""
    fields = await visit.fields()
    statement_id = sealed_id(visit, fields.one("statement"), fields.one("seal"))
    filled = statements.read(fields)
    if faults := filled.faults(None):
        return _show_statement(visit, filled, faults)
    await limits.count(visit, limits.DECLARATIONS_FOR_ONE, filled.number.lower())
    row = await customers.find(visit.context, filled.number, filled.email)
    subject = row.subject if row else None
    return await take(visit, statement_of(visit, statement_id, filled, subject), [])


@router.get("/withdrawals/{withdrawal_id}")
async def receipt(withdrawal_id: UUID, visit: AnyVisit) -> Response:
    """The receipt. Who knows its number may read it: that is nowhere but here and in the mail."""
    found = await _found(visit, withdrawal_id)
    return visit.show(
        "withdrawn.html",
        found=found,
        received=withdrawal_papers.exactly(visit.words, found.received_at, visit.portal),
        is_own=await _is_own(visit, found),
    )


@router.get("/withdrawals/{withdrawal_id}/receipt")
async def download(withdrawal_id: UUID, visit: AnyVisit) -> Response:
    found = await _found(visit, withdrawal_id)
    name = withdrawal_papers.file_name(found.id)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    headers |= {"Content-Language": found.language, "Content-Security-Policy": _KEPT}
    return Response(found.receipt, media_type="text/html", headers={**HEADERS, **headers})


async def entry_of(visit: Visit, view: SubjectView, subject: SubjectRef) -> Entry | None:
    """The way in that a customer's own order shows for as long as there is a right."""
    if view.part_of is not None:
        return None
    decision = await withdrawals.right_of(visit.context, subject)
    return Entry(decision.cancellable_until) if decision else None


async def take(visit: Visit, statement: Statement, items: withdrawal_papers.Items) -> Response:
    at = visit.context.clock()
    written = withdrawal_papers.write(visit, statement, items, at)
    await withdrawals.declare(visit.context, statement, at, written)
    answer = go(f"/withdrawals/{statement.id}")
    answer.background = BackgroundTask(
        withdrawals.send_letters, visit.context, visit.portal.post, statement.id
    )
    return answer


def _show_statement(visit: Visit, filled: Filled, faults: Sequence[str] = ()) -> Response:
    status = UNFINISHED if faults else HTTPStatus.OK
    return visit.show(
        "withdraw.html",
        status=status,
        view=None,
        filled=filled,
        faults=faults,
        action="/withdraw",
    )


def show_confirm(
    visit: Visit, filled: Filled, view: SubjectView | None = None, decision: Decision | None = None
) -> Response:
    statement_id = uuid4()
    return visit.show(
        "withdraw_confirm.html",
        view=view,
        filled=filled,
        items=statements.chosen_lines(view, filled) if view else [],
        statement_id=statement_id,
        seal=visit.portal.signing.form(statement_id),
        action=f"{path_of(ref_of(view))}/withdraw" if view else "/withdraw",
        **(explain(speaker_of(visit.words, view), decision) if view else {"decision": None}),
    )


def statement_of(
    visit: Visit, statement_id: UUID, filled: Filled, subject: SubjectRef | None
) -> Statement:
    return Statement(
        id=statement_id,
        name=filled.name,
        email=filled.email,
        number=filled.number,
        part=filled.part,
        subject=subject,
        lines=lines_of(filled),
        language=visit.words.language,
    )


def lines_of(filled: Filled) -> tuple[AskedLine, ...]:
    return tuple(AskedLine(id=id_, quantity=n) for id_, n in filled.quantities.items())


def ref_of(view: SubjectView) -> SubjectRef:
    return SubjectRef(kind=view.kind, id=view.id)


def sealed_id(visit: Visit, told: str, seal: str) -> UUID:
    """The id that the page was given, which makes a second click the same declaration.

    Raises FormRefused for one that wasn't given here.
    """
    try:
        statement_id = UUID(told)
    except ValueError:
        raise FormRefused from None
    if not visit.portal.signing.is_form_of(statement_id, seal):
        raise FormRefused
    return statement_id


async def _found(visit: Visit, withdrawal_id: UUID) -> WithdrawalView:
    found = await withdrawals.find(visit.context, withdrawal_id)
    if found is None:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    return found


async def _is_own(visit: Visit, found: WithdrawalView) -> bool:
    """Whether the visitor may see the cancellation that came of it."""
    if visit.customer is None or found.cancellation_id is None:
        return False
    try:
        await customers.subject_of(visit.context, visit.customer, found.cancellation_id)
    except RescindError:
        return False
    return True
