"""Every language says everything, and every code of the domain has words."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import domain
from domain.attention import CHOICES
from domain.contracts import Cause
from domain.requests import Initiator, Right
from domain.subjects import Handling, Kind
from notifications import catalogue

_KINDS = {kind.value for kind in Kind}


def _leaves(entry: Any, path: str = "") -> Iterator[tuple[str, list[str]]]:
    if isinstance(entry, str):
        yield path, [entry]
    elif entry.keys() == _KINDS:
        yield path, list(entry.values())
    else:
        for key, value in entry.items():
            yield from _leaves(value, f"{path}.{key}")


def _placeholders(sentences: list[str]) -> set[str]:
    return {name for sentence in sentences for name in re.findall(r"{(\w+)}", sentence)}


def _codes_of_the_policy() -> set[str]:
    """Codes that the rules write as literals: the argument at the place of the code."""
    places = {"Ruling": 2, "Charge": 1, "FactMissing": 0, "Finding": 0}
    found: set[str] = set()
    for file in Path(domain.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                place = places.get(node.func.id)
                named = [key.value for key in node.keywords if key.arg == "code"]
                given = node.args[place : place + 1] if place is not None else []
                for argument in (*named, *given):
                    found |= _literals(argument)
    return found


def _literals(node: ast.expr) -> set[str]:
    if isinstance(node, ast.IfExp):
        return _literals(node.body) | _literals(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


@pytest.mark.parametrize("language", sorted(catalogue.languages()))
def test_a_language_has_the_same_sentences_with_the_same_gaps_as_english(language: str) -> None:
    english = {path: _placeholders(found) for path, found in _leaves(catalogue.load("en"))}
    own = {path: _placeholders(found) for path, found in _leaves(catalogue.load(language))}
    assert own == english


@pytest.mark.parametrize("language", sorted(catalogue.languages()))
def test_no_sentence_is_empty_but_those_that_add_nothing(language: str) -> None:
    empty = {path for path, found in _leaves(catalogue.load(language)) if not all(found)}
    assert empty == {".words.right.contract", ".words.right.unknown", ".words.form.original"}


def test_every_code_of_the_policy_has_words() -> None:
    codes = _codes_of_the_policy() - {"passed"}
    assert {"too_late", "already_started", "late_fee", "placed_at_missing"} <= codes
    assert codes - set(catalogue.load("en")["words"]["code"]) == set()


def test_every_word_that_a_mail_may_carry_is_there() -> None:
    words = catalogue.load("en")["words"]
    assert {cause.value for cause in Cause} <= set(words["cause"])
    assert {initiator.value for initiator in Initiator} <= set(words["initiator"])
    assert {right.value for right in Right} <= set(words["right"])
    assert {handling.value for handling in Handling} <= set(words["timing"])
    assert set(CHOICES) <= set(words["step"])


@pytest.mark.parametrize(
    ("tag", "language"),
    [("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("fr", "en"), ("", "en"), (None, "en")],
)
def test_a_language_we_lack_falls_back_to_its_base_then_to_english(
    tag: str | None, language: str
) -> None:
    assert catalogue.pick(tag) == language
