"""Every language says everything, and a reader gets the one asked for."""

import re
from collections import Counter
from collections.abc import Sequence

import pytest
from babel.messages.catalog import Message

from web.portal.withdrawal_labels import LABELS
from web.shared import languages, texts
from web.shared.pages import Words

TRANSLATED = [language for language in languages.LANGUAGES if language != languages.SOURCE]

FORMS = {"de": 2, "fr": 2, "es": 2, "pt-BR": 2, "ar": 6}
"""How many plural forms each language has."""

NUMBER_MAY_BE_A_WORD = {"ar": (0, 1, 2)}
"""Forms in which a language says none, one and two without a numeral."""

Id = str | tuple[str, ...]


def messages(language: str) -> dict[Id, Message]:
    return {_id(message): message for message in texts.kept(language) if message.id}


def forms(message: Message) -> Sequence[str]:
    said = message.string or ""
    return [said] if isinstance(said, str) else said


def placeholders(text: str) -> Counter[str]:
    return Counter(re.findall(r"%\(\w+\)s|%%|%(?!\()", text))


def _id(message: Message) -> Id:
    return message.id if isinstance(message.id, str) else tuple(message.id)


def test_six_languages_are_spoken() -> None:
    assert languages.LANGUAGES == ("en", "de", "fr", "es", "pt-BR", "ar")
    assert set(FORMS) == set(TRANSLATED)


def test_the_labels_of_the_law_are_there_in_each_language() -> None:
    assert set(LABELS) == set(languages.LANGUAGES)


def test_sentences_are_found_in_pages_mails_and_code() -> None:
    found = {location for message in texts.found() for location, _ in message.locations}
    assert {
        "portal/templates/home.html",
        "portal/templates/letter.txt",
        "shared/pages.py",
    } <= found


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_catalogue_has_every_sentence_and_no_other(language: str) -> None:
    wanted = {_id(message) for message in texts.found() if message.id}
    there = set(messages(language))
    assert (wanted - there, there - wanted) == (set(), set()), "python -m web.shared.texts"


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_sentence_is_left_empty_or_unsure(language: str) -> None:
    catalogue = texts.kept(language)
    assert not catalogue.fuzzy
    assert not catalogue.obsolete
    open_ones = [
        key
        for key, message in messages(language).items()
        if message.fuzzy or not all(form.strip() for form in forms(message))
    ]
    assert open_ones == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_form_of_a_plural_is_written(language: str) -> None:
    assert texts.kept(language).num_plurals == FORMS[language]
    plurals = [message for message in messages(language).values() if message.pluralizable]
    assert plurals
    assert {len(forms(message)) for message in plurals} == {FORMS[language]}


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_filled_in_is_the_same_as_in_english(language: str) -> None:
    wrong = []
    for key, message in messages(language).items():
        sources = [key] if isinstance(key, str) else key
        for place, form in enumerate(forms(message)):
            source = sources[min(place, len(sources) - 1)]
            wanted, there = placeholders(source), placeholders(form)
            if message.pluralizable and place in NUMBER_MAY_BE_A_WORD.get(language, ()):
                del wanted["%(n)s"], there["%(n)s"]
            if wanted != there:
                wrong.append(form)
    assert wrong == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_sentences_begin_and_end_like_the_english_ones(language: str) -> None:
    wrong = [
        form
        for key, message in messages(language).items()
        for form in forms(message)
        if form != form.strip()
        or (_ending(form) != _ending(key if isinstance(key, str) else key[0]))
    ]
    assert wrong == []


def _ending(text: str) -> str:
    """The mark at the end: a stop, a colon, a question mark or none."""
    last = text.replace("؟", "?")[-1:]
    return last if last in {".", ":", "?"} else ""


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("de", 2, "2 Artikel stornieren – nichts zurück"),
        ("fr", 1, "Annuler 1 article – sans remboursement"),
        ("fr", 2, "Annuler 2 articles – sans remboursement"),
        ("es", 2, "Cancelar 2 artículos – sin devolución"),
        ("pt-BR", 2, "Cancelar 2 itens – sem reembolso"),
        ("ar", 1, "إلغاء عنصر واحد – دون استرداد"),
        ("ar", 2, "إلغاء عنصرين – دون استرداد"),
        ("ar", 3, "إلغاء 3 عناصر – دون استرداد"),
        ("ar", 11, "إلغاء 11 عنصرًا – دون استرداد"),
        ("ar", 100, "إلغاء 100 عنصر – دون استرداد"),
    ],
)
def test_numbers_take_the_form_that_their_language_has(
    language: str, number: int, said: str
) -> None:
    one, many = "Cancel %(n)s item – nothing back", "Cancel %(n)s items – nothing back"
    assert Words(language, None).count(one, many, number) == said


def test_what_is_filled_in_is_escaped_in_translations_too() -> None:
    said = Words("fr", None).say("Order %(ref)s", ref="<b>1</b>")
    assert said == "Commande &lt;b&gt;1&lt;/b&gt;"


@pytest.mark.parametrize("language", languages.LANGUAGES)
def test_only_arabic_runs_from_right_to_left(language: str) -> None:
    assert Words(language, None).direction == ("rtl" if language == "ar" else "ltr")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        (["de"], "de"),
        (["de-AT"], "de"),
        (["DE_ch"], "de"),
        (["pt"], "pt-BR"),
        (["pt-PT"], "pt-BR"),
        (["pt-br"], "pt-BR"),
        (["ar-EG"], "ar"),
        (["zh"], "en"),
        (["zh", "fr-CA", "de"], "fr"),
        ([None, "", "es"], "es"),
        ([], "en"),
    ],
)
def test_the_first_language_that_is_spoken_is_chosen(
    wanted: Sequence[str | None], language: str
) -> None:
    assert languages.choose(*wanted) == language


@pytest.mark.parametrize(
    ("header", "tags"),
    [
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", ["fr-CH", "fr", "en", "de"]),
        ("en;q=0.5, ar", ["ar", "en"]),
        ("en; q=0.5, es ; Q=0.7", ["es", "en"]),
        ("de;q=0, fr", ["fr"]),
        ("de;q=0.000", []),
        ("*", []),
        ("de;q=much, es;q=nan, fr", ["fr"]),
        ("de,de;", ["de", "de"]),
        (",,;q=1", []),
        ("", []),
        (None, []),
    ],
)
def test_tags_are_accepted_by_their_weight(header: str | None, tags: Sequence[str]) -> None:
    assert languages.accepted(header) == tags


def test_no_more_tags_are_read_than_anybody_speaks() -> None:
    assert len(languages.accepted(",".join(["de"] * 1_000))) == 20


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "English"), ("de", "Deutsch"), ("pt-BR", "Português (Brasil)"), ("ar", "العربية")],
)
def test_a_language_is_offered_by_its_own_name(language: str, name: str) -> None:
    assert languages.own_name(language) == name
