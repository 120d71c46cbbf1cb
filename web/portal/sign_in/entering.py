"""Ways in: the signed link of a mail, and a session that begins with it; and the way out."""

import secrets
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from domain.errors import SubjectNotFound
from storage import portal
from use_cases import customers
from use_cases.customers import Customer
from web.portal.visit import SESSION, SESSION_LIFE, Visit, go, own_path, path_of
from web.portal.visitors import AnyVisit, OwnVisit
from web.shared.paths import ROOT

router = APIRouter()

KEPT = timedelta(days=1)
"""How long what has ended stays on record."""


@router.get("/open/{token}")
async def open_link(token: str, visit: AnyVisit) -> Response:
    """Open what a mail's link is for. That shows it, and does nothing else."""
    subject_id = visit.portal.signing.read_link(token)
    if subject_id is None:
        return visit.show("link_expired.html", status=HTTPStatus.GONE)
    try:
        customer, subject = await customers.of_subject(visit.context, subject_id)
    except SubjectNotFound:
        return visit.show("link_expired.html", status=HTTPStatus.GONE)
    wanted = visit.request.query_params.get("then", "")
    return await sign_in(visit, customer, own_path(wanted, path_of(subject)))


@router.post("/leave")
async def leave(own: OwnVisit) -> Response:
    visit, _ = own
    await visit.check_form()
    await _end(visit)
    answer = replace(visit, customer=None, session_id=None).show("left.html")
    name = visit.portal.cookie(SESSION)
    answer.delete_cookie(name, path=ROOT, secure=visit.portal.is_secure)
    return answer


async def sign_in(visit: Visit, customer: Customer, path: str) -> Response:
    """Begin a session of this customer's, under a new secret, and go on to a page of theirs.

    A browser has one session: the one it had before is over.
    """
    await _end(visit)
    secret, now = secrets.token_urlsafe(32), visit.context.clock()
    async with visit.context.sessions.begin() as session:
        await portal.forget(session, now - KEPT)
        await portal.open_session(
            session, secret, customer.ref, customer.email, now, now + SESSION_LIFE
        )
    answer = go(path)
    visit.portal.leave_secret(answer, SESSION, secret, SESSION_LIFE)
    return answer


async def _end(visit: Visit) -> None:
    if visit.session_id is not None:
        async with visit.context.sessions.begin() as session:
            await portal.end_session(session, visit.session_id, visit.context.clock())
