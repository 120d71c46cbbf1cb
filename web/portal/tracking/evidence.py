"""Files that a customer sent with a request: what they sent, and the way to have it again."""

from typing import Annotated, NamedTuple
from uuid import UUID

from babel.numbers import format_decimal
from fastapi import APIRouter, Path
from starlette.responses import Response

from domain.requests import Right
from use_cases import customers, evidence
from use_cases.views import CancellationView
from web.portal.visit import Visit
from web.portal.visitors import OwnVisit
from web.shared.pages import Words

router = APIRouter(prefix="/cancellations/{cancellation_id}/evidence")

Number = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/{number}")
async def download(cancellation_id: UUID, number: Number, own: OwnVisit) -> Response:
    visit, customer = own
    await customers.subject_of(visit.context, customer, cancellation_id)
    file = await evidence.get(visit.context, cancellation_id, number)
    return Response(file.content, media_type=file.media_type, headers=dict(file.headers))


class Listed(NamedTuple):
    number: int
    name: str
    size: str


async def listed(visit: Visit, seen: CancellationView) -> list[Listed]:
    """What was sent with a request and is still there; only one for a favour may bring files."""
    if seen.right is not Right.GOODWILL:
        return []
    files = await evidence.of_cancellation(visit.context, seen.id)
    return [Listed(file.number, file.name, size_of(visit.words, file.size)) for file in files]


def size_of(words: Words, size: int) -> str:
    """About how many bytes these are, in thousands or millions of them."""
    if size < 1_000_000:
        return words.say("%(n)s KB", n=max(1, round(size / 1000)))
    millions = format_decimal(size / 1_000_000, "0.0", locale=words.locale)
    return words.say("%(n)s MB", n=millions)
