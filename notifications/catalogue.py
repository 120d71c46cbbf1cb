"""Sentences by language and key. A language is a file in `wording/`."""

import re
from functools import cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parent / "wording"
DEFAULT = "en"

Entry = str | dict[str, Any]


@cache
def languages() -> frozenset[str]:
    return frozenset(file.stem for file in FOLDER.glob("*.yaml"))


def pick(tag: str | None) -> str:
    """The language we have for a reader's: the same, else one with its base, else English."""
    wanted = (tag or "").replace("_", "-").lower()
    known = {_base(language): language for language in sorted(languages(), reverse=True)}
    known |= {language.lower(): language for language in languages()}
    return known.get(wanted) or known.get(_base(wanted)) or DEFAULT


def _base(tag: str) -> str:
    return tag.split("-")[0].lower()


@cache
def load(language: str) -> dict[str, Any]:
    text = (FOLDER / f"{language}.yaml").read_text(encoding="utf-8")
    catalogue: dict[str, Any] = yaml.safe_load(text)
    return catalogue


def find(language: str, *path: str, kind: str) -> str | None:
    """The sentence at this place, in the form for this kind of subject where it has two."""
    entry: Entry | None = load(language)
    for key in (*path, kind):
        if isinstance(entry, str):
            return entry
        entry = entry.get(key) if entry else None
    return entry if isinstance(entry, str) else None


def timing(language: str, code: str) -> str | None:
    """When money arrives, from a code with or without numbers: `immediate`, `business_days_5_7`."""
    numbers = re.findall(r"\d+", code)
    unit = next((unit for unit in ("business_days", "days", "hours") if unit in code), None)
    if unit is None:
        return _timing(language, "immediate" if code == "immediately" else code)
    if not numbers:
        return None
    sentence = _timing(language, f"{unit}_range" if len(numbers) > 1 else unit)
    return sentence and sentence.format(first=numbers[0], last=numbers[-1])


def _timing(language: str, key: str) -> str | None:
    return find(language, "words", "timing", key, kind="") or find(
        DEFAULT, "words", "timing", key, kind=""
    )
