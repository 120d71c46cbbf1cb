"""A link by mail, for somebody who has a number and the address it belongs to. It works once."""

import logging
import secrets
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import Response

from domain.errors import RescindError
from storage import portal
from use_cases import customers
from web.portal import letters, tries
from web.portal.entering import sign_in
from web.portal.visit import AnyVisit, Visit, path_of

log = logging.getLogger(__name__)
router = APIRouter()

LIFE = timedelta(minutes=letters.MINUTES)


@router.get("/enter")
async def enter(visit: AnyVisit) -> Response:
    return visit.show("enter.html", was_in=False, fault=False)


@router.post("/enter")
async def ask_for_link(visit: AnyVisit) -> Response:
    """Mail a link to who placed it. The answer is the same, and as quick, if there is no such."""
    fields = await visit.fields()
    number, email = fields.one("number").strip(), fields.one("email").strip()
    if not number or "@" not in email or len(number) > 100 or len(email) > 254:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return visit.show("enter.html", status=status, was_in=False, fault=True)
    if await tries.is_too_much(visit, number):
        status = HTTPStatus.TOO_MANY_REQUESTS
        return visit.show("edge.html", status=status, edge="slower", number="")
    answer = visit.show("sent.html", minutes=letters.MINUTES)
    answer.background = BackgroundTask(_send_link, visit, number, email)
    return answer


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
    return await sign_in(visit, customer, path_of(subject))


async def _send_link(visit: Visit, number: str, email: str) -> None:
    """Find what was named, and mail its customer. Nobody waits for the outcome."""
    row = await customers.find(visit.context, number, email)
    if row is None:
        return
    secret, now = secrets.token_urlsafe(32), visit.context.clock()
    async with visit.context.sessions.begin() as session:
        await portal.add_link(session, secret, row.id, now, now + LIFE)
    try:
        await visit.portal.post(letters.link_letter(visit.portal, visit.words, email, secret))
    except RescindError as error:
        log.warning("a link could not be mailed: %s", error.code)
