"""What a visitor prefers: language, clock, light or dark, kept in their browser; and which mails a
customer wants, kept with us."""

from collections.abc import Mapping
from http import HTTPStatus
from zoneinfo import available_timezones

from fastapi import APIRouter
from starlette.responses import Response

from notifications import formats
from notifications.news import Template
from use_cases import belongings
from use_cases import preferences as kept_preferences
from use_cases.preferences import Preferences
from web.portal.visit import CLOCK, LANGUAGE, SCHEME, ZONE, Visit, go, own_path
from web.portal.visitors import AnyVisit
from web.shared import languages
from web.shared.fields import Fields
from web.shared.paths import ROOT

router = APIRouter()

_YEAR = 365 * 24 * 3600
_REGIONS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific")

MAILS: Mapping[str, tuple[Template, ...]] = {
    "received": (Template.RECEIVED, Template.REFUND_ASKED),
    "approved": (Template.APPROVED, Template.REFUND_APPROVED),
    "undone": (Template.UNDONE,),
    "refunded": (Template.REFUNDED,),
}
"""Mails that a customer can do without, by the name of their box."""


@router.get("/preferences")
async def preferences(visit: AnyVisit) -> Response:
    told = visit.request.query_params
    return await _show(visit, own_path(told.get("back", "")), is_kept="kept" in told)


@router.post("/preferences")
async def keep(visit: AnyVisit) -> Response:
    """Keep what is known and go back to where they came from. A language or scheme that is unknown
    is as if it were not said; a zone is what somebody typed, so they are told."""
    fields = await visit.fields()
    back, zone = own_path(fields.one("back")), fields.one("zone").strip()
    if zone and formats.zone_named(zone) is None:
        return await _show(visit, back, fault=zone)
    if visit.customer is not None and fields.one("mails"):
        await visit.check_form()
        await _keep_mails(visit, fields, zone)
    answer = go(back if back != "/" else "/preferences?kept=1")
    language, scheme = fields.one("language"), fields.one("scheme")
    if language in languages.LANGUAGES:
        _set(answer, visit, LANGUAGE, language)
    _set(answer, visit, ZONE, zone)
    if scheme in ("", "light", "dark"):
        _set(answer, visit, SCHEME, scheme)
    return answer


async def _show(visit: Visit, back: str, *, fault: str = "", is_kept: bool = False) -> Response:
    known, account = Preferences(), None
    if visit.customer is not None:
        known = await kept_preferences.get(visit.context, visit.customer)
        account = await belongings.zone_of(visit.context, visit.customer)
    return visit.show(
        "preferences.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if fault else HTTPStatus.OK,
        zone=fault or visit.request.cookies.get(ZONE, ""),
        account=account,
        device=visit.request.cookies.get(CLOCK, ""),
        zones=_zones(),
        wanted={name for name, mails in MAILS.items() if not known.unwanted.issuperset(mails)},
        back=back,
        fault=fault,
        is_kept=is_kept,
    )


async def _keep_mails(visit: Visit, fields: Fields, zone: str) -> None:
    wanted, language = set(fields.all("mail")), fields.one("language")
    unwanted = [mail for name, mails in MAILS.items() if name not in wanted for mail in mails]
    assert visit.customer is not None
    await kept_preferences.keep(
        visit.context,
        visit.customer,
        language=language if language in languages.LANGUAGES else None,
        zone=zone or None,
        unwanted=unwanted,
    )


def _zones() -> list[str]:
    """Zones by their places, for a browser to offer while somebody types."""
    return sorted(zone for zone in available_timezones() if zone.split("/")[0] in _REGIONS)


def _set(answer: Response, visit: AnyVisit, name: str, value: str) -> None:
    if not value:
        answer.delete_cookie(name, path=ROOT)
        return
    answer.set_cookie(
        name, value, max_age=_YEAR, path=ROOT, secure=visit.portal.is_secure, samesite="lax"
    )
