"""What a visitor prefers: language, clock, light or dark. Kept in their browser only."""

from fastapi import APIRouter
from starlette.responses import Response

from notifications import formats
from web.portal.visit import LANGUAGE, SCHEME, ZONE, AnyVisit, go, own_path
from web.shared import languages
from web.shared.paths import ROOT

router = APIRouter()

_YEAR = 365 * 24 * 3600


@router.get("/preferences")
async def preferences(visit: AnyVisit) -> Response:
    zone = visit.words.own_zone
    return visit.show("preferences.html", zone=zone.key if zone else "", back=_back(visit))


@router.post("/preferences")
async def keep(visit: AnyVisit) -> Response:
    """Keep what is known; anything else is as if it were not said."""
    fields = await visit.fields()
    answer = go(own_path(fields.one("back")))
    language, zone, scheme = (fields.one(name) for name in ("language", "zone", "scheme"))
    if language in languages.LANGUAGES:
        _set(answer, visit, LANGUAGE, language)
    if formats.zone_named(zone) is not None or zone == "":
        _set(answer, visit, ZONE, zone)
    if scheme in ("", "light", "dark"):
        _set(answer, visit, SCHEME, scheme)
    return answer


def _set(answer: Response, visit: AnyVisit, name: str, value: str) -> None:
    if not value:
        answer.delete_cookie(name, path=ROOT)
        return
    answer.set_cookie(
        name, value, max_age=_YEAR, path=ROOT, secure=visit.portal.is_secure, samesite="lax"
    )


def _back(visit: AnyVisit) -> str:
    return own_path(visit.request.query_params.get("back", ""))
