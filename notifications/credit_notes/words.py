"""The words of a credit note in its reader's language. A language is a file in `wording/`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from notifications import catalogue

FOLDER = Path(__file__).parent / "wording"


def spoken(tag: str) -> str:
    """This tag where notes are written in its language, else English: mails have more languages,
    and a note that mixes two would be hard to file."""
    return tag if (FOLDER / f"{catalogue.pick(tag)}.yaml").exists() else catalogue.DEFAULT


@cache
def words(language: str) -> Mapping[str, str]:
    """The words of a language that is `spoken`."""
    file = FOLDER / f"{catalogue.pick(language)}.yaml"
    found: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found
