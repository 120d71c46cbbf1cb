"""Credit notes on paper."""

import io
import re
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pymupdf_fonts
import yaml
from fontTools.ttLib import TTFont

from domain.credit_notes import (
    Business,
    CreditNote,
    NoteKind,
    NoteLine,
    by_rate,
    reversed_lines,
)
from domain.subjects import Kind, SubjectRef
from notifications.credit_notes.page import pdf
from notifications.credit_notes.words import FOLDER

LINES = (
    NoteLine(id="1", title="Mug", quantity=2, tax_rate="19", gross_minor=3_980, tax_minor=635),
    NoteLine(id="2", title="Книга «Ночь»", quantity=1, tax_rate="7", gross_minor=999, tax_minor=65),
    NoteLine(id="3", title="فنجان قهوة", quantity=1, gross_minor=490, tax_minor=0),
)


def a_note(lines: tuple[NoteLine, ...] = LINES, **known: Any) -> CreditNote:
    gross = sum(line.gross_minor for line in lines)
    tax = sum(line.tax_minor for line in lines)
    values: dict[str, Any] = {
        "number": "CN-2026-000123",
        "kind": NoteKind.CREDIT_NOTE,
        "issued_on": date(2026, 3, 1),
        "reverses": None,
        "reversed_by": None,
        "subject": SubjectRef(kind=Kind.ORDER, id="1052"),
        "placed_at": datetime(2026, 2, 27, 23, 30, tzinfo=UTC),
        "cancellation_id": None,
        "refund_id": UUID(int=7),
        "customer": "c-17",
        "customer_name": "Ada",
        "currency": "EUR",
        "lines": lines,
        "rates": by_rate(lines),
        "net_minor": gross - tax,
        "tax_minor": tax,
        "gross_minor": gross,
        "method": "card",
        "form": "original",
        "business": Business(name="Muster GmbH", address="Hof 1\nBerlin", vat_id="DE1"),
    }
    return CreditNote(**values | known)


def pages(document: bytes) -> int:
    return len(re.findall(rb"/Type /Page\b", document))


def test_the_same_note_is_the_same_to_the_byte_and_tells_its_language() -> None:
    german = pdf(a_note(), "de-AT", "Europe/Vienna")
    assert german == pdf(a_note(), "de-AT", "Europe/Vienna")
    assert german != pdf(a_note(), "en", "Europe/Vienna")
    assert b"/Lang (de)" in german
    assert pages(german) == 1


def test_a_long_reversal_goes_on_over_several_pages_in_a_language_we_lack() -> None:
    lines = tuple(line.model_copy(update={"id": str(n)}) for n in range(30) for line in LINES)
    taken_back = a_note(reversed_lines(lines), kind=NoteKind.REVERSAL, reverses="CN-2026-000001")
    written = pdf(taken_back, "xx", "UTC")
    assert pages(written) == 4
    assert b"/Lang (en)" in written


def test_the_typeface_has_the_scripts_of_our_readers() -> None:
    face = TTFont(io.BytesIO(pymupdf_fonts.myfont("figo"))).getBestCmap()
    wanted = "AÄßçøőșžŁ ЖїЂ Ωήώ لسعرپگ שׁ ქ €£₺₴₽₹ –—„“«»"
    assert [char for char in wanted if ord(char) not in face] == []


def test_both_languages_say_everything() -> None:
    said = [yaml.safe_load(file.read_text("utf-8")) for file in FOLDER.glob("*.yaml")]
    assert len(said) == 2
    for one in said:
        assert one.keys() == said[0].keys()
        for key, text in one.items():
            assert re.findall(r"{\w+}", text) == re.findall(r"{\w+}", said[0][key])


def test_a_language_without_words_for_notes_gets_the_whole_note_in_english() -> None:
    assert pdf(a_note(), "fr", "Europe/Paris") == pdf(a_note(), "en", "Europe/Paris")
    assert pdf(a_note(), "de-AT", "Europe/Paris") != pdf(a_note(), "en", "Europe/Paris")
