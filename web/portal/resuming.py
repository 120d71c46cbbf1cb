"""What somebody had chosen when their session ended, as the address of a page that shows it again.

The customer's own words stay out of it: addresses end up in logs.
"""

from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request

from domain.errors import RescindError
from use_cases import quotes
from use_cases.context import Context
from web.portal.visit import PLURALS
from web.shared.fields import Fields
from web.shared.paths import ROOT

LONGEST = 400
"""Characters of an address; a longer one leads to the page with all of it chosen."""

_TOLD = ("reason", "method")


async def page_of_form(request: Request, context: Context) -> str:
    """The page that a form was sent from, with what was chosen on it; nothing where it has none."""
    parts = request.url.path.removeprefix(ROOT).split("/")
    if len(parts) < 4 or parts[1] not in PLURALS.values():
        return "/".join(parts[:3]) if len(parts) > 3 else ""
    subject, step = "/".join(parts[:3]), parts[3]
    fields = Fields((await request.form()).multi_items())
    if step == "confirm":
        return _short(f"{subject}/cancel", await _quoted(context, fields.one("quote")))
    if step in ("cancel", "exception", "withdraw") and len(parts) == 4:
        return _short(f"{subject}/{step}", list(_chosen(fields)))
    return subject


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


async def _quoted(context: Context, quote_id: str) -> list[tuple[str, str]]:
    """What the quote on the form was for; nothing where there is no such quote."""
    try:
        request = (await quotes.get_quote(context, UUID(quote_id))).request
    except (ValueError, RescindError):
        return []
    lines = [
        pair
        for line in request.lines
        for pair in (("line", line.id), (f"quantity.{line.id}", str(line.quantity)))
    ]
    told = ((name, getattr(request, name)) for name in _TOLD)
    return [("chosen", "1"), *lines, *((name, value) for name, value in told if value)]


def _short(path: str, told: list[tuple[str, str]]) -> str:
    whole = f"{path}?{urlencode(told)}" if told else path
    return whole if len(whole) <= LONGEST else path
