"""The words of a credit note in its reader's language. A language is a file in `wording/`."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import yaml

from notifications import catalogue

FOLDER = Path(__file__).parent / "wording"


@cache
def words(language: str) -> Mapping[str, str]:
    """In this language, else in English."""
    file = FOLDER / f"{catalogue.pick(language)}.yaml"
    if not file.exists():
        file = FOLDER / f"{catalogue.DEFAULT}.yaml"
    found: dict[str, str] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return found
