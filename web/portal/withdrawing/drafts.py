"""Declarations of withdrawal on their way from the first step to the second, kept here for a while.

Who is signed in reads those of their own subject. A guest's are bound to the browser by a secret of
its own, so that their address alone opens nothing.
"""

import secrets
from datetime import timedelta
from uuid import UUID, uuid4

from starlette.responses import Response

from domain.subjects import SubjectRef
from storage import withdrawal_drafts
from storage.keys import hash_secret
from web.portal.visit import Visit
from web.portal.withdrawing.statements import Filled

COOKIE, PATH = "declaring", "/withdraw"

LIFE = timedelta(hours=2)
"""How long somebody may take to confirm."""


def holder_of(visit: Visit, subject: SubjectRef | None = None) -> str | None:
    """Who may read a draft: a subject's customer, else the browser; None if it keeps no cookies."""
    if subject is not None:
        return str(subject)
    secret = _secret(visit)
    return hash_secret(secret) if secret else None


def bind(visit: Visit, answer: Response) -> Response:
    """Give the browser its secret, or some more time with the one it has."""
    secret = _secret(visit) or secrets.token_urlsafe(32)
    visit.portal.leave_secret(answer, COOKIE, secret, LIFE, PATH)
    return answer


async def keep(visit: Visit, holder: str, filled: Filled) -> UUID:
    """Its id becomes that of the declaration."""
    id_, now = uuid4(), visit.context.clock()
    document = filled.model_dump(mode="json")
    async with visit.context.sessions.begin() as session:
        withdrawal_drafts.keep(session, id_, holder, filled.number, document, now + LIFE)
    return id_


async def find(visit: Visit, holder: str | None, draft_id: UUID | None) -> Filled | None:
    if holder is None or draft_id is None:
        return None
    async with visit.context.sessions() as session:
        document = await withdrawal_drafts.find(session, draft_id, holder, visit.context.clock())
    return Filled.model_validate(document) if document else None


async def drop(visit: Visit, holder: str | None, number: str) -> None:
    """Drop all about this number: it is declared."""
    if holder is not None:
        async with visit.context.sessions.begin() as session:
            await withdrawal_drafts.drop(session, holder, number)


def _secret(visit: Visit) -> str | None:
    return visit.request.cookies.get(visit.portal.cookie(COOKIE))
