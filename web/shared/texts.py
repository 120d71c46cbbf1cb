"""The sentences of all pages, found where they are written, and the catalogues brought up to date.

`python -m web.shared.texts` adds new sentences to each catalogue and takes away what is gone.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from web.shared.languages import FOLDER, LANGUAGES, SOURCE, locale

_WEB = Path(__file__).parent.parent
_WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)
"""Catalogues carry no dates of their own: version control knows better."""

_JINJA = "jinja2.ext:babel_extract"
_METHODS = [
    ("**/templates/**.html", _JINJA),
    ("**/templates/**.txt", _JINJA),
    ("**.py", "python"),
]
_KEYWORDS: dict[str, tuple[int, ...] | None] = {"_": None, "say": None, "count": (1, 2)}


def found() -> Catalog:
    """Every sentence, with the templates that say it."""
    catalogue = _empty()
    for file, _, text, comments, _ in _extracted():
        catalogue.add(text, locations=[(file, 0)], auto_comments=comments)
    return catalogue


def kept(language: str) -> Catalog:
    """What is translated into a language so far."""
    file = _file(language)
    if not file.exists():
        return _empty(language)
    with file.open("rb") as opened:
        return read_po(opened, locale=str(locale(language)))


def keep(language: str, catalogue: Catalog) -> None:
    with _file(language).open("wb") as opened:
        write_po(opened, catalogue, width=100, sort_by_file=True)


def main() -> None:
    now = found()
    for language in LANGUAGES:
        if language != SOURCE:
            catalogue = kept(language)
            catalogue.update(now, no_fuzzy_matching=True)
            catalogue.obsolete.clear()
            keep(language, catalogue)


def _extracted() -> Iterator[tuple[str, int, str | tuple[str, ...], list[str], str | None]]:
    yield from extract_from_dir(_WEB, _METHODS, keywords=_KEYWORDS)


def _empty(language: str | None = None) -> Catalog:
    """A catalogue with a plain heading, and nothing in it."""
    return Catalog(
        locale=locale(language) if language else None,
        header_comment=f"# The sentences of all pages: {language or SOURCE}.",
        project="Rescind",
        version="1",
        last_translator="Rescind",
        language_team="Rescind",
        msgid_bugs_address="-",
        creation_date=_WRITTEN,
        revision_date=_WRITTEN,
        charset="utf-8",
        fuzzy=False,
    )


def _file(language: str) -> Path:
    return FOLDER / f"{language}.po"


if __name__ == "__main__":
    main()
