"""Withdrawing from a contract by law, in two steps: a statement, and "confirm withdrawal".

Anybody may, with a number, a name and an address. No reason is asked, nobody has to agree, and what
was declared is kept whatever comes of it.
"""

from collections.abc import Sequence
from http import HTTPStatus
from uuid import uuid4

from fastapi import APIRouter
from starlette.responses import Response

from use_cases import customers
from web.portal import limits
from web.portal.visit import Visit, go
from web.portal.visitors import AnyVisit
from web.portal.withdrawing import declaring, drafts, statements
from web.portal.withdrawing.declaring import sealed_id
from web.portal.withdrawing.statements import Filled
from web.shared.fields import id_told

router = APIRouter()


@router.get("/withdraw")
async def declare(visit: AnyVisit, draft: str = "") -> Response:
    """Show the fields, empty, or as they were in a draft that is to be changed."""
    filled = await drafts.find(visit, drafts.holder_of(visit), id_told(draft))
    return drafts.bind(visit, _show_statement(visit, filled or _nothing(visit)))


@router.post("/withdraw")
async def look_over(visit: AnyVisit) -> Response:
    """Keep what is filled in, and go to where it is shown once more.

    A browser that keeps no cookies is shown it here; `change` then goes back to the fields.
    """
    fields = await visit.fields()
    filled = statements.read(fields)
    if fields.one("change"):
        return _show_statement(visit, filled)
    if faults := filled.faults(None):
        return _show_statement(visit, filled, faults)
    holder = drafts.holder_of(visit)
    if holder is None:
        return declaring.show_confirm(visit, filled, uuid4(), is_kept=False)
    draft = await drafts.keep(visit, holder, filled)
    return drafts.bind(visit, go(f"/withdraw/confirm?draft={draft}"))


@router.get("/withdraw/confirm")
async def look_again(visit: AnyVisit, draft: str = "") -> Response:
    """Show what will be declared; who comes back to it after confirming is led to the receipt."""
    draft_id = id_told(draft)
    if receipt := await declaring.declared(visit, draft_id):
        return receipt
    filled = await drafts.find(visit, drafts.holder_of(visit), draft_id)
    if filled is None or draft_id is None:
        return drafts.bind(visit, _show_statement(visit, _nothing(visit), is_gone=True))
    return declaring.show_confirm(visit, filled, draft_id)


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
    statement = declaring.statement_of(visit, statement_id, filled, subject)
    return await declaring.take(visit, statement, [], drafts.holder_of(visit))


def _nothing(visit: Visit) -> Filled:
    return Filled(email=(visit.customer.email if visit.customer else None) or "")


def _show_statement(
    visit: Visit, filled: Filled, faults: Sequence[str] = (), *, is_gone: bool = False
) -> Response:
    """`is_gone` says that what was filled in before isn't kept any longer."""
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return visit.show(
        "withdraw.html",
        status=HTTPStatus.GONE if is_gone else status,
        is_gone=is_gone,
        view=None,
        odd={},
        filled=filled,
        faults=faults,
        action="/withdraw",
    )
