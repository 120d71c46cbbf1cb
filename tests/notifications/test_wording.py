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
from runtime.policies.files import load_policy

POLICIES = Path(__file__).parents[2] / "policies"
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


_PLACES = {"Ruling": 2, "Charge": 1, "FactMissing": 0, "Finding": 0, "_some": 1}


def _codes_of_the_policy() -> set[str]:
    """Codes that the rules write as literals: the argument at the place of the code, what a
    function named for codes returns, and tables of codes."""
    found: set[str] = set()
    for file in Path(domain.__path__[0]).rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        constants = {
            node.targets[0].id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        }
        for node in ast.walk(tree):
            for expression in _coding(node):
                if isinstance(expression, ast.Name):
                    expression = constants.get(expression.id, expression)
                found |= _literals(expression)
    return found


def _coding(node: ast.AST) -> Iterator[ast.expr]:
    """The expressions that give a code here."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield from node.args[:1] if node.func.attr in ("give", "take") else ()
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        place = _PLACES.get(node.func.id)
        yield from (key.value for key in node.keywords if key.arg == "code")
        yield from node.args[place : place + 1] if place is not None else ()
    elif isinstance(node, ast.FunctionDef) and node.name == "_code":
        for each in ast.walk(node):
            if isinstance(each, ast.Return) and each.value is not None:
                yield from each.value.args if isinstance(each.value, ast.Call) else (each.value,)
    elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict):
        names = {target.id for target in node.targets if isinstance(target, ast.Name)}
        yield from node.value.values if "_CODES" in names else ()


def _codes_of_shipped_policies() -> set[str]:
    """Less those for which a policy brings words of its own."""
    found: set[str] = set()
    for file in POLICIES.rglob("*.yaml"):
        document = load_policy(file).document
        codes: set[str] = set()
        for rule in document.rules:
            codes |= {code for code in (rule.refuse, rule.hand_over, rule.approval) if code}
        for check in document.checks:
            codes |= {code for code in (check.refuse, check.hand_over) if code}
        found |= codes - document.sentences.keys()
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


@pytest.mark.parametrize("language", sorted(catalogue.languages()))
def test_every_code_of_the_policy_has_words(language: str) -> None:
    codes = _codes_of_the_policy() - {"passed"}
    assert {"amount_open", "already_started", "late_fee", "placed_at_missing"} <= codes
    assert {"approval_late", "approval_needed", "right_by_law"} <= codes
    assert {"discount_lost", "shipping_due", "fee_returned", "carried_over"} <= codes
    assert codes - set(catalogue.load(language)["words"]["code"]) == set()


@pytest.mark.parametrize("language", sorted(catalogue.languages()))
def test_every_code_of_the_shipped_policies_has_words(language: str) -> None:
    codes = _codes_of_shipped_policies()
    assert {"too_late", "fare_not_refundable", "right_given_up", "special_circumstances"} <= codes
    assert codes - set(catalogue.load(language)["words"]["code"]) == set()


def test_mails_are_written_in_the_six_languages_of_the_portal() -> None:
    assert catalogue.languages() == {"en", "de", "fr", "es", "pt-BR", "ar"}


def test_every_word_that_a_mail_may_carry_is_there() -> None:
    words = catalogue.load("en")["words"]
    assert {cause.value for cause in Cause} <= set(words["cause"])
    assert {initiator.value for initiator in Initiator} <= set(words["initiator"])
    assert {right.value for right in Right} <= set(words["right"])
    assert {handling.value for handling in Handling} <= set(words["timing"])
    assert set(CHOICES) <= set(words["step"])


@pytest.mark.parametrize(
    ("tag", "language"),
    [
        ("de", "de"),
        ("de-AT", "de"),
        ("DE_ch", "de"),
        ("pt-BR", "pt-BR"),
        ("pt_br", "pt-BR"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("ar-EG", "ar"),
        ("fi", "en"),
        ("", "en"),
        (None, "en"),
    ],
)
def test_a_language_we_lack_falls_back_to_its_base_then_to_english(
    tag: str | None, language: str
) -> None:
    assert catalogue.pick(tag) == language
