"""Ways in: the signed link of a mail, a link that works once, and the way out."""

import secrets
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from domain.errors import SubjectNotFound
from domain.subjects import SubjectRef
from storage import portal
from use_cases import customers
from use_cases.customers import Customer
from web.portal.visit import ROOT, SESSION, SESSION_LIFE, AnyVisit, OwnVisit, Visit, go, path_of

router = APIRouter()


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
    return await sign_in(visit, customer, subject)


@router.get("/once/{secret}")
async def show_once(secret: str, visit: AnyVisit) -> Response:
    """Ask for a click first: programs that look through mails open links as well."""
    async with visit.context.sessions() as session:
        is_open = await portal.is_link_open(session, secret, visit.context.clock())
    if not is_open:
        return visit.show("link_expired.html", status=HTTPStatus.GONE)
    return visit.show("once.html", secret=secret)


@router.post("/once/{secret}")
async def use_once(secret: str, visit: AnyVisit) -> Response:
    async with visit.context.sessions.begin() as session:
        subject_id = await portal.use_link(session, secret, visit.context.clock())
    if subject_id is None:
        return visit.show("link_expired.html", status=HTTPStatus.GONE)
    customer, subject = await customers.of_subject(visit.context, subject_id)
    return await sign_in(visit, customer, subject)


@router.post("/leave")
async def leave(own: OwnVisit) -> Response:
    visit, _ = own
    await visit.check_form()
    assert visit.session_id is not None
    async with visit.context.sessions.begin() as session:
        await portal.end_session(session, visit.session_id, visit.context.clock())
    answer = visit.show("left.html")
    answer.delete_cookie(SESSION, path=ROOT)
    return answer


async def sign_in(visit: Visit, customer: Customer, subject: SubjectRef | None = None) -> Response:
    """Begin a session of this customer's, under a new secret, and go to their page."""
    secret, now = secrets.token_urlsafe(32), visit.context.clock()
    async with visit.context.sessions.begin() as session:
        await _end_before(visit, session_id=visit.session_id)
        await portal.open_session(
            session, secret, customer.ref, customer.email, now, now + SESSION_LIFE
        )
    answer = go(path_of(subject) if subject else "/")
    answer.set_cookie(
        SESSION,
        secret,
        max_age=int(SESSION_LIFE.total_seconds()),
        path=ROOT,
        secure=visit.portal.is_secure,
        httponly=True,
        samesite="lax",
    )
    return answer


async def _end_before(visit: Visit, session_id: UUID | None) -> None:
    """A browser has one session; the one it had is over."""
    if session_id is not None:
        async with visit.context.sessions.begin() as session:
            await portal.end_session(session, session_id, visit.context.clock())
