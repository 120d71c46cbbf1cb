"""The receipt of a cancellation on paper, in its reader's language and direction."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from fpdf.enums import Align
from markupsafe import Markup

from notifications.credit_notes.paper import MARGIN, PALE, Paper
from web.portal.tracking.receipt_facts import Receipt, Row
from web.shared.pages import Words

_LABELS = 45.0
_AMOUNTS = 40.0


def pdf(receipt: Receipt, words: Words) -> bytes:
    """Write a receipt as PDF; the same one is the same, byte for byte."""
    with TemporaryDirectory() as folder:
        return _Writer(receipt, words, Path(folder)).write()


class _Writer:
    """What all parts of the page need: what it says, and which way it is read."""

    def __init__(self, receipt: Receipt, words: Words, fonts: Path) -> None:
        self.receipt = receipt
        self.is_rtl = words.direction == "rtl"
        self.start, self.end = (Align.R, Align.L) if self.is_rtl else (Align.L, Align.R)
        foot = _plain(words.say("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"))
        self.paper = Paper(words.language, _plain(receipt.title), receipt.day, foot, fonts)

    def write(self) -> bytes:
        receipt, paper = self.receipt, self.paper
        paper.ink(12, bold=True)
        self._line(receipt.business.name, 6)
        paper.ink(9, shade=PALE)
        for line in receipt.business.address.splitlines():
            self._line(line, 4.5)
        paper.ln(12)
        paper.ink(20, bold=True)
        self._line(_plain(receipt.title), 10)
        paper.ln(4)
        for label, value in receipt.facts:
            self._fact(_plain(label), _plain(value))
        self._amounts()
        return bytes(paper.output())

    def _amounts(self) -> None:
        receipt, paper = self.receipt, self.paper
        paper.ln(8)
        self._rows(receipt.lines, 10)
        paper.rule()
        paper.ln(2)
        self._rows(receipt.total, 12, bold=True)
        paper.ln(4)
        self._rows(receipt.refunds, 9)
        paper.ln(4)
        paper.ink(9, shade=PALE)
        for sentence in receipt.why:
            self._line(sentence[:1].upper() + sentence[1:], 5)

    def _line(self, text: str, height: float) -> None:
        if text:
            self.paper.line_of(text, height, align=self.start)

    def _fact(self, label: str, value: str) -> None:
        """The label at the side where reading starts, the value beside it."""
        paper, wide = self.paper, self.paper.wide - _LABELS
        top = paper.y
        paper.ink(9, shade=PALE)
        paper.set_x(MARGIN + (wide if self.is_rtl else 0))
        paper.cell(_LABELS, 5.5, label, align=self.start)
        paper.ink(9)
        paper.set_xy(MARGIN + (0 if self.is_rtl else _LABELS), top)
        paper.multi_cell(wide, 5.5, value, align=self.start, new_x="LMARGIN", new_y="NEXT")

    def _rows(self, rows: Sequence[Row], size: float, *, bold: bool = False) -> None:
        paper, height = self.paper, size * 0.62
        wide = paper.wide - _AMOUNTS
        for label, amount in rows:
            paper.ink(size, bold=bold)
            if paper.will_page_break(height * 2):
                paper.add_page()
            top = paper.y
            paper.set_x(MARGIN + (0 if self.is_rtl else wide))
            paper.cell(_AMOUNTS, height, _plain(amount), align=self.end)
            paper.set_xy(MARGIN + (_AMOUNTS if self.is_rtl else 0), top)
            paper.multi_cell(
                wide, height, _plain(label), align=self.start, new_x="LMARGIN", new_y="NEXT"
            )
            paper.ln(1)


def _plain(text: str) -> str:
    return Markup(text).striptags() if isinstance(text, Markup) else text
