"""Withdrawing from an order of one's own: signed in, with what goes back beside each choice."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from domain.decisions import Decision
from domain.requests import Right
from domain.subjects import SubjectRef
from domain.values import Ref
from use_cases import quotes, withdrawals
from use_cases.customers import Customer
from use_cases.intake import Asked
from use_cases.subject_views import SubjectView
from web.portal import choice
from web.portal.explained import explain
from web.portal.owned import own_subject
from web.portal.spoken import speaker_of
from web.portal.visit import Visit, go, path_of
from web.portal.visitors import OwnVisit
from web.portal.withdrawing import declaring, drafts, statements
from web.portal.withdrawing.declaring import lines_of, ref_of, sealed_id
from web.portal.withdrawing.statements import Filled
from web.shared.fields import Fields, id_told

router = APIRouter()


@router.get("/{plural}/{ref}/withdraw")
async def declare_own(plural: str, ref: Ref, own: OwnVisit, draft: str = "") -> Response:
    """Show what the law lets go, all of it chosen, and follow each change of the choice.

    A `draft` comes back as it was filled in.
    """
    visit, customer = own
    view, subject = await _withdrawable(visit, customer, plural, ref)
    if not view.lines:
        return go(path_of(subject))
    filled = await drafts.find(visit, drafts.holder_of(visit, subject), id_told(draft))
    told = Fields(visit.request.query_params.multi_items())
    return await _show_own_statement(own, view, filled or statements.read(told, view))


@router.post("/{plural}/{ref}/withdraw")
async def look_over_own(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Keep what is filled in, and go to where it is shown once more.

    `again` works the amounts out and stays at the fields, for who has no script.
    """
    visit, customer = own
    await visit.check_form()
    view, subject = await _withdrawable(visit, customer, plural, ref)
    if not view.lines:
        return go(path_of(subject))
    fields = await visit.fields()
    filled = statements.read(fields, view)
    is_again = bool(fields.one("again"))
    if not is_again and (faults := filled.faults(view)):
        return await _show_own_statement(own, view, filled, faults)
    draft = await drafts.keep(visit, str(subject), filled)
    return go(f"{path_of(subject)}/withdraw{'' if is_again else '/confirm'}?draft={draft}")


@router.get("/{plural}/{ref}/withdraw/confirm")
async def look_again_own(plural: str, ref: Ref, own: OwnVisit, draft: str = "") -> Response:
    """Show what will be declared; who comes back to it after confirming is led to the receipt."""
    visit, customer = own
    draft_id = id_told(draft)
    if receipt := await declaring.declared(visit, draft_id):
        return receipt
    view, subject = await _withdrawable(visit, customer, plural, ref)
    filled = await drafts.find(visit, drafts.holder_of(visit, subject), draft_id)
    if draft_id is None or filled is None or filled.faults(view):
        return go(f"{path_of(subject)}/withdraw")
    decision = await _decision(own, view, filled)
    return declaring.show_confirm(visit, filled, draft_id, view, decision)


@router.post("/{plural}/{ref}/withdraw/confirm")
async def confirm_own(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Take the declaration. What changed since the page was shown is for a person to look at."""
    visit, customer = own
    await visit.check_form()
    fields = await visit.fields()
    statement_id = sealed_id(visit, fields.one("statement"), fields.one("seal"))
    if receipt := await declaring.declared(visit, statement_id):
        return receipt
    view, subject = await own_subject(visit, customer, plural, ref)
    filled = statements.read(fields, view)
    if faults := filled.faults(view):
        return await _show_own_statement(own, view, filled, faults)
    items = [(n, line.title or line.sku) for n, line in statements.chosen_lines(view, filled)]
    statement = declaring.statement_of(visit, statement_id, filled, subject)
    return await declaring.take(visit, statement, items, str(subject))


async def _show_own_statement(
    own: tuple[Visit, Customer], view: SubjectView, filled: Filled, faults: Sequence[str] = ()
) -> Response:
    visit, _ = own
    is_told = filled.quantities and not filled.odd
    decision = await _decision(own, view, filled) if is_told else None
    told = explain(speaker_of(visit.words, view), decision)
    facts: dict[str, Any] = {"view": view, "lines": choice.open_lines(view), "odd": filled.odd}
    facts |= told
    if visit.is_fragment:
        return visit.show("summary.html", **facts)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    facts |= {"action": f"{path_of(ref_of(view))}/withdraw", "filled": filled, "faults": faults}
    return visit.show("withdraw.html", status=status, is_gone=False, **facts)


async def _withdrawable(
    visit: Visit, customer: Customer, plural: str, ref: str
) -> tuple[SubjectView, SubjectRef]:
    """What is theirs, with those lines only that the law lets go now, and what goes with them."""
    view, subject = await own_subject(visit, customer, plural, ref)
    covered = [] if view.part_of else await withdrawals.covered(visit.context, subject)
    kept_back = {line.id for line in choice.open_lines(view)}.difference(covered)
    left = [line for line in view.lines if covered and line.id not in kept_back]
    return view.model_copy(update={"lines": tuple(left)}), subject


async def _decision(own: tuple[Visit, Customer], view: SubjectView, filled: Filled) -> Decision:
    visit, customer = own
    asked = Asked(subject=ref_of(view), lines=lines_of(filled), right=Right.LAW)
    return await quotes.preview(visit.context, customer.actor, asked)
