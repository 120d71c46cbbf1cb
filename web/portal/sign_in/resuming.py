"""What somebody had chosen when their session ended, as the address of a page that shows it again.

The customer's own words stay out of it: addresses end up in logs. What was kept here already, a
quote or a draft, is named by its id.
"""

from collections.abc import Iterator
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request

from web.portal.visit import PLURALS
from web.shared.fields import Fields
from web.shared.paths import ROOT

LONGEST = 400
"""Characters of an address; a longer one leads to the page with all of it chosen."""

_TOLD = ("reason", "method")


async def page_of_form(request: Request) -> str:
    """The page that a form was sent from, with what was chosen on it; nothing where it has none."""
    parts = request.url.path.removeprefix(ROOT).split("/")
    if len(parts) < 4 or parts[1] not in PLURALS.values():
        return "/".join(parts[:3]) if len(parts) > 3 else ""
    subject, step = "/".join(parts[:3]), parts[3]
    fields = Fields((await request.form()).multi_items())
    if step == "confirm":
        quote = _id(fields.one("quote"))
        return f"{subject}/review?quote={quote}" if quote else f"{subject}/cancel"
    if parts[3:] == ["withdraw", "confirm"] and (draft := _id(fields.one("statement"))):
        return f"{subject}/withdraw/confirm?draft={draft}"
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


def _id(told: str) -> UUID | None:
    try:
        return UUID(told)
    except ValueError:
        return None


def _short(path: str, told: list[tuple[str, str]]) -> str:
    whole = f"{path}?{urlencode(told)}" if told else path
    return whole if len(whole) <= LONGEST else path
