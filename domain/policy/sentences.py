"""A merchant's own sentences for codes."""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from domain.texts import Language

_GAP = re.compile(r"{[a-z_]{1,64}}")


def _gaps_only(text: str) -> str:
    """Refuse braces that are no gap to be filled, such as {until} or {fee_minor}."""
    if set("{}") & set(_GAP.sub("", text)):
        raise ValueError("braces hold the name of what is filled in, such as {until}")
    return text


Text = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_gaps_only)]
Sentence = Annotated[dict[Language, Text], Field(min_length=1, max_length=50)]
"""One code in words, by language tag."""


def in_language(sentence: Mapping[str, str], language: str) -> str:
    """The same language, else its base, else English, else any."""
    by_tag = {tag.lower(): text for tag, text in sentence.items()}
    tag = language.replace("_", "-").lower()
    for wanted in (tag, tag.split("-")[0], "en"):
        if wanted in by_tag:
            return by_tag[wanted]
    return next(iter(sentence.values()))
