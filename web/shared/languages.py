"""The languages of the pages: which one a visitor reads, and its catalogue of translations.

A catalogue is a `.po` file in `locale/`, read when it is first needed. English is the source.
"""

import io
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from babel import Locale, UnknownLocaleError
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

FOLDER = Path(__file__).parent / "locale"
SOURCE = "en"
LANGUAGES = ("en", "de", "fr", "es", "pt-BR", "ar")
"""As tags of BCP 47, in the order in which they are offered."""


def choose(*wanted: str | None) -> str:
    """The first of these tags that we speak, itself or its base language; else English."""
    by_tag = {tag.lower(): tag for tag in LANGUAGES}
    by_base = {tag.split("-")[0].lower(): tag for tag in reversed(LANGUAGES)}
    for tag in wanted:
        name = (tag or "").replace("_", "-").lower()
        found = by_tag.get(name) or by_base.get(name.split("-")[0])
        if found:
            return found
    return SOURCE


def accepted(header: str | None) -> Sequence[str]:
    """The tags of an Accept-Language header, the dearest first; what is not one is passed over,
    and so is what the reader refuses by a weight of zero."""
    weighed: list[tuple[float, int, str]] = []
    for place, part in enumerate((header or "").split(",")[:20]):
        tag, _, weight = part.partition(";")
        try:
            dearness = float(weight.strip().lower().removeprefix("q=") or 1)
        except ValueError:
            continue
        if dearness > 0:
            weighed.append((-dearness, place, tag.strip()))
    return [tag for _, _, tag in sorted(weighed) if tag and tag != "*"]


@cache
def locale(language: str) -> Locale:
    return Locale.parse(language.replace("-", "_"))


_PLAIN = {SOURCE: "en-GB"}
"""Where a reader names no region: English with the day before the month and 24 hours."""


def regional(language: str, tags: Sequence[str]) -> Locale:
    """How a reader of this language writes dates and amounts: as in the first region they name."""
    base = locale(language).language
    for tag in (*tags, _PLAIN.get(language, language)):
        try:
            found = Locale.parse(tag, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
        if found.language == base and (found.territory or language not in _PLAIN):
            return found
    return locale(language)


@cache
def translations(language: str) -> NullTranslations:
    """The catalogue of a language. What it lacks comes out in English; a test lets none lack."""
    if language == SOURCE:
        return NullTranslations()
    with (FOLDER / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=str(locale(language)))
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(compiled)


def own_name(language: str) -> str:
    """How a language calls itself."""
    name = locale(language).get_display_name(locale(language)) or language
    return name[:1].upper() + name[1:]
