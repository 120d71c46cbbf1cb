"""What somebody had chosen when their session ended, as the address of a page that shows it again.

The customer's own words stay out of it: addresses end up in logs. What was kept here already, a
quote or a draft, is named by its id.
"""

from collections.abc import Iterator
from urllib.parse import urlencode

from starlette.requests import Request

from web.portal.cancelling import uploads
from web.portal.visit import PLURALS, FormRefused
from web.shared.fields import Fields, id_told
from web.shared.paths import ROOT

LONGEST = 400
"""Characters of an address; a longer one leads to the page with all of it chosen."""

_TOLD = ("reason", "method")


async def page_of_form(request: Request) -> str:
    """The page that a form was sent from, with what was chosen on it; nothing where it has none."""
    path = request.url.path.removeprefix(ROOT)
    parts = path.split("/")
    if len(parts) < 4 or parts[1] not in PLURALS.values():
        return "/".join(parts[:3]) if len(parts) > 3 else ""
    subject, step = "/".join(parts[:3]), parts[3]
    if parts[3:] == ["exception"]:
        return _short(path, list(_chosen(await _fields_beside_files(request))))
    fields = Fields((await request.form()).multi_items())
    if parts[-1] == "confirm":
        return looked_over(path, fields) or (f"{subject}/cancel" if step == "confirm" else subject)
    if step in ("cancel", "withdraw") and len(parts) == 4:
        return _short(path, list(_chosen(fields)))
    return subject


def looked_over(path: str, fields: Fields) -> str:
    """Where that which is confirmed at this path was looked over; nothing if it isn't kept here."""
    before = path.removesuffix("confirm")
    if quote := id_told(fields.one("quote")):
        return f"{before}review?quote={quote}"
    if draft := id_told(fields.one("statement")):
        return f"{before}confirm?draft={draft}"
    return ""


async def _fields_beside_files(request: Request) -> Fields:
    """Read with the bounds of every such form, also for whoever isn't signed in."""
    try:
        async with uploads.received(request) as upload:
            return upload.fields
    except FormRefused:
        return Fields(())


def _chosen(fields: Fields) -> Iterator[tuple[str, str]]:
    if not fields.one("chosen"):
        return
    yield "chosen", "1"
    for line in fields.all("line"):
        yield "line", line
        if quantity := fields.one(f"quantity.{line}"):
            yield f"quantity.{line}", quantity
    for name in _TOLD:
        if told := fields.one(name):
            yield name, told


def _short(path: str, told: list[tuple[str, str]]) -> str:
    whole = f"{path}?{urlencode(told)}" if told else path
    return whole if len(whole) <= LONGEST else path
