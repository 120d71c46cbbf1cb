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
from web.portal import choice, statements
from web.portal.explained import explain
from web.portal.owned import own_subject
from web.portal.spoken import speaker_of
from web.portal.statements import Filled
from web.portal.visit import OwnVisit, Visit, go, path_of
from web.portal.withdrawing import (
    UNFINISHED,
    lines_of,
    ref_of,
    sealed_id,
    show_confirm,
    statement_of,
    take,
)
from web.shared.fields import Fields

router = APIRouter()


@router.get("/{plural}/{ref}/withdraw")
async def declare_own(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Show what the law lets go, all of it chosen, and follow each change of the choice."""
    visit, customer = own
    view, subject = await _withdrawable(visit, customer, plural, ref)
    if not view.lines:
        return go(path_of(subject))
    filled = statements.read(Fields(visit.request.query_params.multi_items()), view)
    return await _show_own_statement(own, view, filled)


@router.post("/{plural}/{ref}/withdraw")
async def look_over_own(plural: str, ref: Ref, own: OwnVisit) -> Response:
    visit, customer = own
    await visit.check_form()
    view, subject = await _withdrawable(visit, customer, plural, ref)
    if not view.lines:
        return go(path_of(subject))
    fields = await visit.fields()
    filled = statements.read(fields, view)
    if fields.one("change"):
        return await _show_own_statement(own, view, filled)
    if faults := filled.faults(view):
        return await _show_own_statement(own, view, filled, faults)
    return show_confirm(visit, filled, view, await _decision(own, view, filled))


@router.post("/{plural}/{ref}/withdraw/confirm")
async def confirm_own(plural: str, ref: Ref, own: OwnVisit) -> Response:
    """Take the declaration. What changed since the page was shown is for a person to look at."""
    visit, customer = own
    await visit.check_form()
    fields = await visit.fields()
    statement_id = sealed_id(visit, fields.one("statement"), fields.one("seal"))
    if await withdrawals.find(visit.context, statement_id):
        return go(f"/withdrawals/{statement_id}")
    view, subject = await own_subject(visit, customer, plural, ref)
    filled = statements.read(fields, view)
    if faults := filled.faults(view):
        return await _show_own_statement(own, view, filled, faults)
    items = [(n, line.title or line.sku) for n, line in statements.chosen_lines(view, filled)]
    return await take(visit, statement_of(visit, statement_id, filled, subject), items)


async def _show_own_statement(
    own: tuple[Visit, Customer], view: SubjectView, filled: Filled, faults: Sequence[str] = ()
) -> Response:
    visit, _ = own
    decision = await _decision(own, view, filled) if filled.quantities else None
    told = explain(speaker_of(visit.words, view), decision)
    facts: dict[str, Any] = {"view": view, "lines": choice.open_lines(view), **told}
    if visit.is_fragment:
        return visit.show("summary.html", **facts)
    status = UNFINISHED if faults else HTTPStatus.OK
    action = f"{path_of(ref_of(view))}/withdraw"
    return visit.show(
        "withdraw.html", status=status, filled=filled, faults=faults, action=action, **facts
    )


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
