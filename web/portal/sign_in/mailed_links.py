"""A link by mail, for somebody who has a number and the address it belongs to. It works once."""

import logging
import secrets
from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus

from fastapi import APIRouter
from starlette.background import BackgroundTask
from starlette.responses import Response

from domain.errors import RescindError
from notifications import mail
from storage import portal
from use_cases import customers
from web.portal import limits
from web.portal.sign_in import entrance, letters
from web.portal.sign_in.entering import sign_in
from web.portal.visit import Visit, path_of
from web.portal.visitors import AnyVisit

log = logging.getLogger(__name__)
router = APIRouter()

LIFE = timedelta(minutes=letters.MINUTES)
_LONGEST = 100


@router.get("/enter")
async def enter(visit: AnyVisit) -> Response:
    return entrance.show(visit, then=visit.request.query_params.get("then", ""))


@router.post("/enter")
async def ask_for_link(visit: AnyVisit) -> Response:
    """Mail a link to who placed it. The answer is the same, and as quick, if there is no such."""
    fields = await visit.fields()
    number, email = fields.one("number").strip(), fields.one("email").strip()
    then = entrance.wish(fields.one("then"))
    if faults := _faults(number, email):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return entrance.show(
            visit, status=status, then=then, number=number, email=email, faults=faults
        )
    await limits.count(visit, limits.LINKS_FOR_ONE, number.lower())
    answer = visit.show(
        "sent.html", minutes=letters.MINUTES, here=entrance.with_wish("/enter", then)
    )
    answer.background = BackgroundTask(_send_link, visit, number, email, then)
    return answer


@router.get("/once/{secret}")
async def show_once(secret: str, visit: AnyVisit) -> Response:
    """Ask for a click first: programs that look through mails open links as well."""
    async with visit.context.sessions() as session:
        is_open = await portal.is_link_open(session, secret, visit.context.clock())
    if not is_open:
        return visit.show("link_expired.html", status=HTTPStatus.GONE)
    then = entrance.wish(visit.request.query_params.get("then", ""))
    return visit.show("once.html", action=entrance.with_wish(f"/once/{secret}", then))


@router.post("/once/{secret}")
async def use_once(secret: str, visit: AnyVisit) -> Response:
    async with visit.context.sessions.begin() as session:
        subject_id = await portal.use_link(session, secret, visit.context.clock())
    if subject_id is None:
        return visit.show("link_expired.html", status=HTTPStatus.GONE)
    customer, subject = await customers.of_subject(visit.context, subject_id)
    then = entrance.wish(visit.request.query_params.get("then", ""))
    return await sign_in(visit, customer, then or path_of(subject))


def _faults(number: str, email: str) -> Sequence[str]:
    is_usable = {
        "number": 0 < len(number) <= _LONGEST,
        "email": mail.address(email) is not None,
    }
    return [name for name, usable in is_usable.items() if not usable]


async def _send_link(visit: Visit, number: str, email: str, then: str) -> None:
    """Find what was named, and mail its customer. Nobody waits for the outcome."""
    row = await customers.find(visit.context, number, email)
    if row is None:
        return
    secret, now = secrets.token_urlsafe(32), visit.context.clock()
    async with visit.context.sessions.begin() as session:
        await portal.add_link(session, secret, row.id, now, now + LIFE)
    path = entrance.with_wish(f"/once/{secret}", then)
    letter = letters.link_letter(visit.portal, visit.words, email, path)
    try:
        await visit.portal.post(letter)
    except RescindError as error:
        log.warning("a link could not be mailed: %s", error.code)
