"""Pages: templates in a reader's language, with headers that let in nothing of others."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from notifications import formats
from web.shared import languages
from web.shared.assets import Assets
from web.shared.theme import Theme, icon

_HERE = Path(__file__).parent

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Vary": "Cookie, Accept-Language, HX-Request",
}
"""On every page: it is personal, and nothing of it is fetched from or shown by anybody else."""


class Words:
    """One reader's language and clock: what templates call to write amounts and moments."""

    def __init__(
        self, language: str, zone: str | None, place: str = "UTC", tags: Sequence[str] = ()
    ) -> None:
        """`zone` is the reader's own, if it is known; `place` is the business's. `tags` may name
        the reader's region."""
        self.language = language
        self._tags = tags
        self.own_zone = formats.zone_named(zone)
        self._business = formats.zone_named(place) or ZoneInfo("UTC")

    @cached_property
    def locale(self) -> Locale:
        return languages.regional(self.language, self._tags)

    @property
    def alike(self) -> tuple[str, ...]:
        """Whoever has the same reads the same words."""
        own = self.own_zone.key if self.own_zone else ""
        return self.language, str(self.locale), own, self._business.key

    @property
    def direction(self) -> str:
        return str(self.locale.text_direction)

    def say(self, text: str, **values: object) -> Markup:
        """Translate a sentence and fill it in; what isn't markup already is escaped."""
        said = escape(languages.translations(self.language).gettext(text))
        return said % values if values else said

    def count(self, one: str, many: str, number: int, **values: object) -> Markup:
        """Translate a sentence with a number in the form that its language has for it."""
        said = languages.translations(self.language).ngettext(one, many, number)
        return escape(said) % {"n": number, **values}

    def money(self, minor: int, currency: str) -> Markup:
        """An amount that keeps its own direction in a line of another."""
        return Markup("<bdi>{}</bdi>").format(formats.money(minor, currency, self.locale))

    def day(self, value: date | datetime, zone: str | None = None) -> str:
        here = value.astimezone(self._place(zone)) if isinstance(value, datetime) else value
        day = here.date() if isinstance(here, datetime) else here
        return str(format_skeleton("yMMMEd", day, locale=self.locale))

    def in_zone(self, zone: str | None) -> Self:
        """The same reader, by this clock."""
        return type(self)(self.language, zone, self._business.key, self._tags)

    def moment(
        self, value: date | datetime, zone: str | None = None, *, named: bool = False
    ) -> str:
        """A day; or an instant by the clock of a place, and by the reader's own if they differ.

        `named` tells whose clock it is also to a reader whose own isn't known.
        """
        if not isinstance(value, datetime):
            return self.day(value)
        place, own = self._place(zone), self.own_zone
        there, zone_name = formats.clock(value, place, self.locale)
        day = self.day(value.astimezone(place).date())
        if own is None and named:
            return self.say("%(day)s, %(time)s (%(zone)s)", day=day, time=there, zone=zone_name)
        if own is None or formats.is_same_clock(value, place, own):
            return self.say("%(day)s, %(time)s", day=day, time=there)
        here, _ = formats.clock(value, own, self.locale)
        own_day = value.astimezone(own).date()
        if own_day != value.astimezone(place).date():
            here = self.say("%(day)s, %(time)s", day=self.day(own_day), time=here)
        return self.say(
            "%(day)s, %(time)s %(zone)s (%(own)s where you are)",
            day=day,
            time=there,
            zone=zone_name,
            own=here,
        )

    def _place(self, zone: str | None) -> ZoneInfo:
        return formats.zone_named(zone) or self._business


class Pages:
    """Renders the templates of one folder, which may use those of `shared`."""

    def __init__(self, folder: Path, assets: Assets, theme: Theme, root: str) -> None:
        self.root = root
        self._environment = Environment(
            loader=FileSystemLoader([folder, _HERE / "templates"]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.globals.update(
            asset=assets.link,
            logo=assets.logo,
            theme=theme,
            root=root,
            languages=languages.LANGUAGES,
        )
        self._environment.globals.update(own_name=languages.own_name, icon=icon(theme))

    def show(
        self,
        template: str,
        words: Words,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        headers: Mapping[str, str] = {},
        **facts: Any,
    ) -> HTMLResponse:
        html = self.render(template, words, **facts)
        return HTMLResponse(
            html, status, {**HEADERS, "Content-Language": words.language, **headers}
        )

    def render(self, template: str, words: Words, **facts: Any) -> str:
        calls: Mapping[str, Callable[..., Any]] = {
            "_": words.say,
            "count": words.count,
            "money": words.money,
            "day": words.day,
            "moment": words.moment,
        }
        return self._environment.get_template(template).render(w=words, **calls, **facts)
