"""A credit note on paper, in its reader's language."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal
from fpdf.enums import Align

from domain.credit_notes import CreditNote, NoteKind, NoteLine, RateTotal
from notifications.credit_notes.paper import MARGIN, PALE, Paper
from notifications.credit_notes.words import spoken, words
from notifications.speaker import Speaker

_CREDITS = frozenset({"store_credit", "voucher"})
_WIDTHS = (82.0, 18.0, 18.0, 26.0, 26.0)
_LABELS, _AMOUNTS = 140.0, 30.0
_HEIGHT_OF_TOTALS = 45.0


def pdf(note: CreditNote, language: str, zone: str) -> bytes:
    """Write a note as PDF; the same note in the same language is the same, byte for byte."""
    with TemporaryDirectory() as folder:
        return _Writer(note, language, zone, Path(folder)).write()


class _Writer:
    """What all parts of the page need: the note, its reader's words, and the paper."""

    def __init__(self, note: CreditNote, language: str, zone: str, fonts: Path) -> None:
        language = spoken(language)
        self.note = note
        self.said: Mapping[str, str] = words(language)
        self.speaker = Speaker(language, note.subject.kind, note.currency, zone=zone)
        self.zone = ZoneInfo(zone)
        title = f"{self.said[note.kind]} {note.number}"
        self.paper = Paper(self.speaker.language, title, note.issued_on, self.said["page"], fonts)

    def write(self) -> bytes:
        self._business()
        self._title()
        self._references()
        self._items()
        self._totals()
        self._ending()
        return bytes(self.paper.output())

    def _business(self) -> None:
        business, paper = self.note.business, self.paper
        paper.ink(12, bold=True)
        paper.line_of(business.name, 6)
        paper.ink(9, shade=PALE)
        vat = f"{self.said['vat_id']} {business.vat_id}" if business.vat_id else ""
        lines = [line for line in (*business.address.splitlines(), vat) if line.strip()]
        for line in lines:
            paper.line_of(line, 4.5)
        paper.ln(14)

    def _title(self) -> None:
        paper = self.paper
        paper.ink(22, bold=True)
        paper.line_of(self.said[self.note.kind], 10)
        paper.ink(12, shade=PALE)
        paper.line_of(self.note.number, 7)
        paper.ln(6)

    def _references(self) -> None:
        note, said = self.note, self.said
        bought = note.subject.id
        if note.placed_at is not None:
            day = self._day(note.placed_at.astimezone(self.zone).date())
            bought += " " + said["placed"].format(day=day)
        known = (name for name in (note.customer_name, note.customer) if name)
        for label, value in (
            (said["issued"], self._day(note.issued_on)),
            (said[note.subject.kind], bought),
            (said["customer"], ", ".join(known)),
            (said["refund"], str(note.refund_id)),
        ):
            if value:
                self._reference(label, value)
        self.paper.ln(8)

    def _reference(self, label: str, value: str) -> None:
        paper = self.paper
        paper.ink(9, shade=PALE)
        paper.cell(32, 5.5, label)
        paper.ink(9)
        paper.multi_cell(paper.wide - 32, 5.5, value, align=Align.L, new_x="LMARGIN", new_y="NEXT")

    def _items(self) -> None:
        said, paper = self.said, self.paper
        paper.ink(8, shade=PALE)
        heads = (said["item"], said["quantity"], said["tax_rate"], said["net"], said["amount"])
        paper.columns(heads, _WIDTHS, 6)
        paper.rule()
        paper.ln(2)
        for line in self.note.lines:
            paper.ink(9.5)
            paper.columns(self._cells(line), _WIDTHS, 5.5)
            paper.ln(1.5)
        paper.rule()
        paper.ln(3)

    def _cells(self, line: NoteLine) -> tuple[str, ...]:
        money = self.speaker.money
        return (
            line.title or line.sku or line.id or self.said["no_item"],
            str(line.quantity) if line.id else "",
            f"{self._rate(line.tax_rate)} %" if line.tax_rate is not None else "–",
            money(line.net_minor),
            money(line.gross_minor),
        )

    def _totals(self) -> None:
        """Net and tax of each rate, and the sum. Without any tax the sum says it all."""
        note, money = self.note, self.speaker.money
        if self.paper.will_page_break(_HEIGHT_OF_TOTALS):
            self.paper.add_page()
        if note.tax_minor:
            self._total(self.said["net_total"], money(note.net_minor))
            for rate in note.rates:
                if rate.tax_minor:
                    self._total(self._tax(rate), money(rate.tax_minor))
        self.paper.ink(12, bold=True)
        self.paper.ln(1)
        self._sum(self.said["total"], money(note.gross_minor), 8)
        self.paper.ln(8)

    def _total(self, label: str, amount: str) -> None:
        self.paper.ink(9.5, shade=PALE)
        self._sum(label, amount, 5.5)

    def _sum(self, label: str, amount: str, height: float) -> None:
        self.paper.set_x(MARGIN)
        self.paper.cell(_LABELS, height, label, align=Align.R)
        self.paper.cell(_AMOUNTS, height, amount, align=Align.R, new_x="LMARGIN", new_y="NEXT")

    def _tax(self, rate: RateTotal) -> str:
        if rate.rate is None:
            return self.said["tax"]
        return self.said["tax_of"].format(rate=self._rate(rate.rate))

    def _ending(self) -> None:
        note, said, paper = self.note, self.said, self.paper
        paper.ink(9, shade=PALE)
        if note.kind is NoteKind.REVERSAL:
            paper.line_of(said["reverses"].format(number=note.reverses), 5)
            return
        if note.form in _CREDITS:
            paper.line_of(said["paid_credit"], 5)
        else:
            method = self.speaker.word("method", note.method)
            paper.line_of(said["paid"].format(method=method), 5)
        if note.reversed_by:
            paper.line_of(said["reversed_by"].format(number=note.reversed_by), 5)

    def _day(self, day: date) -> str:
        return str(format_date(day, "long", locale=self.speaker.locale))

    def _rate(self, rate: str | None) -> str:
        return str(format_decimal(Decimal(rate or 0), locale=self.speaker.locale))
