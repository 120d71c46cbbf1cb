"""A4 paper to write on: our typeface, its sizes and shades, and where lines of text go."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path

import pymupdf_fonts
from fpdf import FPDF, XPos, YPos
from fpdf.enums import Align, MethodReturnValue

MARGIN = 20.0
"""Millimetres, on all sides."""

INK, PALE, RULE = (31, 41, 51), (107, 114, 128), (214, 219, 226)
_FACE = "FiraGO"
"""Latin, Greek, Cyrillic, Arabic, Hebrew, Georgian, Thai and Devanagari."""


class Paper(FPDF):
    """Pages that come out the same, byte for byte, for the same words on the same day.

    `fonts` is a folder to keep the typeface in while it is written: it is read from files only.
    """

    def __init__(self, language: str, title: str, day: date, foot: str, fonts: Path) -> None:
        super().__init__(format="A4")
        self.foot = foot
        self.set_margin(MARGIN)
        self.c_margin = 0
        self.set_auto_page_break(True, MARGIN + 8)
        self.set_lang(language)
        self.set_title(title)
        self.set_creation_date(datetime.combine(day, time(), UTC))
        self.set_producer("Rescind")
        for style, name in (("", "figo"), ("B", "figbo")):
            file = fonts / f"{name}.ttf"
            file.write_bytes(_font(name))
            self.add_font(_FACE, style, file)
        self.set_text_shaping(True)
        self.alias_nb_pages()
        self.add_page()

    @property
    def wide(self) -> float:
        """The width between the margins."""
        return self.w - 2 * MARGIN

    def footer(self) -> None:
        """The page's number, where there is more than one page to tell apart."""
        self.set_y(-MARGIN)
        self.ink(8, shade=PALE)
        self.cell(self.wide, 4, self.foot.format(page=self.page_no(), pages="{nb}"), align=Align.R)

    def ink(self, size: float, *, bold: bool = False, shade: tuple[int, int, int] = INK) -> None:
        self.set_font(_FACE, "B" if bold else "", size)
        self.set_text_color(*shade)

    def line_of(self, text: str, height: float, *, align: Align = Align.L) -> None:
        """A line or more of text over the whole width."""
        self.multi_cell(self.wide, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def rule(self) -> None:
        self.set_draw_color(*RULE)
        self.set_line_width(0.2)
        self.line(MARGIN, self.y, self.w - MARGIN, self.y)

    def columns(self, texts: Sequence[str], widths: Sequence[float], height: float) -> None:
        """One row, kept on one page: the first text may run over several lines, the others stand
        at the right of their columns."""
        lines = self.multi_cell(
            widths[0], height, texts[0], align=Align.L, dry_run=True, output=MethodReturnValue.LINES
        )
        assert isinstance(lines, list)
        if self.will_page_break(height * len(lines)):
            self.add_page()
        top = self.y
        self.set_x(MARGIN + widths[0])
        for text, width in zip(texts[1:], widths[1:], strict=True):
            self.cell(width, height, text, align=Align.R)
        self.set_xy(MARGIN, top)
        self.multi_cell(
            widths[0], height, texts[0], align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )


@cache
def _font(name: str) -> bytes:
    font: bytes = pymupdf_fonts.myfont(name)
    return font
