"""The phrases of one language that a policy is put into."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from babel import Locale
from babel.numbers import format_decimal

from domain.policy.sentences import in_language
from domain.subjects import Kind
from notifications import catalogue

_REGIONS = {"en": "en_GB"}
"""Whose writing of amounts and times is used where a language has several."""

FOLDER = Path(__file__).parent / "wording"


@cache
def load(language: str) -> dict[str, Any]:
    text = (FOLDER / f"{language}.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.safe_load(text)
    return found


@cache
def languages() -> frozenset[str]:
    return frozenset(file.stem for file in FOLDER.glob("*.yaml"))


class Phrases:
    """Fills in phrases. `own` are the policy's own sentences for codes."""

    def __init__(self, language: str, own: Mapping[str, Mapping[str, str]], kind: Kind) -> None:
        self.language = language
        self.locale = Locale.parse(_REGIONS.get(language, language))
        self.kind = kind
        self._own = own
        self._all = load(language)

    def find(self, *path: str) -> Any:
        """What is at this place, or None."""
        found: Any = self._all
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        return found

    def say(self, *path: str, **values: object) -> str:
        """The phrase at this place. Raises KeyError where there is none."""
        found = self.find(*path)
        if not isinstance(found, str):
            raise KeyError(f"no phrase {'.'.join(path)} in {self.language}")
        return self._contracted(found.format(**values))

    def _contracted(self, text: str) -> str:
        """Put a preposition and its article together, unless a clause follows."""
        for apart, together in self._all["contractions"].items():
            text = re.sub(rf"\b{apart}\b(?!,)", together, text)
        return text

    def count(self, *path: str, n: int, **values: object) -> str:
        """The phrase for so many."""
        forms = self.find(*path)
        form = {0: "zero", 1: "one"}.get(n, "other")
        return self.say(*path, form if form in forms else "other", n=self.number(n), **values)

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def quoted(self, text: str) -> str:
        return self.say("quoted", text=text)

    def listed(self, texts: Iterable[str], word: str = "or") -> str:
        """One, two or several, with a word before the last."""
        *before, last = texts
        if not before:
            return last
        return self.say("list", word, first=self.say("list", "between").join(before), last=last)

    def coded(self, section: str, code: str) -> str:
        """A code of a known kind in words, else as it is."""
        known = self.find("words", section, code)
        return known if isinstance(known, str) else self.quoted(code.replace("_", " "))

    def mailed(self, section: str, code: str) -> str | None:
        """A word as mails say it."""
        return catalogue.find(self.language, "words", section, code, kind=self.kind.value)

    def method(self, code: str) -> str:
        """A means of payment within a sentence; one that isn't known stands in quotes."""
        word = self.mailed("method", code) or self.quoted(code.replace("_", " "))
        is_name = self.language != "en" or not word[1:].islower()
        return word if is_name else word[:1].lower() + word[1:]

    def told(self, code: str) -> str:
        """What a reader is told for a code, with what is filled in later left out."""
        sentence = self.mailed("code", code)
        if code in self._own:
            sentence = in_language(self._own[code], self.language)
        if sentence is None:
            return self.quoted(code.replace("_", " "))
        return self.quoted(sentence.format_map(_Untold(self.say("untold"))))


class _Untold(dict[str, str]):
    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def __missing__(self, _: str) -> str:
        return self._text


def sentence(text: str) -> str:
    """With a capital letter first, within a bracket too."""
    before = 1 if text.startswith("(") else 0
    return text[:before] + text[before : before + 1].upper() + text[before + 1 :]
