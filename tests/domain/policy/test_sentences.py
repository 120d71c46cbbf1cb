"""A merchant's own sentences for codes."""

from typing import Any

import pytest

from domain.errors import PolicyInvalid
from domain.policy.reading.policies import parse_policy
from domain.policy.sentences import in_language

LEAST = {"id": "p", "title": "P"}


def sentences(**given: Any) -> dict[str, Any]:
    return {**LEAST, "sentences": given}


def test_a_document_brings_its_own_sentences() -> None:
    policy = parse_policy(
        sentences(too_late={"en": "Too late since {until}.", "de-AT": "Zu spät."})
    )
    assert policy.document.sentences["too_late"]["de-AT"] == "Zu spät."


@pytest.mark.parametrize(
    "given",
    [{}, {"en": ""}, {"en": "Since {until!r}"}, {"en": "Since {0}"}, {"en": "{"}, {"english": "x"}],
)
def test_a_sentence_that_could_not_be_told_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(PolicyInvalid) as error:
        parse_policy(sentences(too_late=given))
    assert error.value.problems[0][0].startswith("sentences.too_late")


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("de-AT", "Servus"),
        ("de", "Hallo"),
        ("de-CH", "Hallo"),
        ("fr", "Hello"),
        ("DE_at", "Servus"),
    ],
)
def test_a_reader_gets_their_language_its_base_or_english(language: str, told: str) -> None:
    assert in_language({"en": "Hello", "de": "Hallo", "de-AT": "Servus"}, language) == told


def test_without_english_the_first_language_is_told() -> None:
    assert in_language({"fr": "Bonjour"}, "de") == "Bonjour"


def test_an_overlay_adds_its_sentences_to_those_of_its_base() -> None:
    base = sentences(too_late={"en": "Too late."}, too_many={"en": "Too many."})
    own = {**LEAST, "extends": "base", "sentences": {"too_late": {"en": "Sorry, too late."}}}
    told = parse_policy(own, lambda _: base).document.sentences
    assert (told["too_late"]["en"], told["too_many"]["en"]) == ("Sorry, too late.", "Too many.")
