"""Turns news into a subject line, a text and a page of HTML."""

import textwrap
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from domain.values import Value
from notifications import catalogue, rows, ways
from notifications.look import Look
from notifications.news import News
from notifications.reader import Reader

FOLDER = Path(__file__).parent / "templates"
WIDTH = 72


class Rendered(Value):
    """A mail's words, in the language whose tag goes into its header."""

    language: str
    header: str
    text: str
    html: str


def wrap(text: str, indent: int = 0, hang: int = 0) -> str:
    """Break a paragraph into lines of at most 72 characters; longer words stay whole.

    `hang` sets the lines after the first further in.
    """
    margin = " " * indent
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=margin,
        subsequent_indent=margin + " " * hang,
        break_long_words=False,
        break_on_hyphens=False,
    )


def quoted(text: str) -> str:
    """Mark every line as somebody else's words, as mails do."""
    lines = [part for line in text.splitlines() for part in textwrap.wrap(line, WIDTH - 2) or [""]]
    return "\n".join(f"> {line}".rstrip() for line in lines)


def _environment(folder: str, *, autoescape: bool) -> Environment:
    """One body serves both parts: `layout` and `parts` come from the folder of the part."""
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(FOLDER / folder), FileSystemLoader(FOLDER)]),
        autoescape=autoescape,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters.update(wrap=wrap, quoted=quoted)
    environment.globals.update(rows=rows, ways=ways)
    return environment


_HTML = _environment("html", autoescape=True)
_TEXT = _environment("text", autoescape=False)
_USUAL = Look()

_OPEN, _CLOSE = "\ue000", "\ue001"
"""Stand for <bdi> until all else is escaped: signs of private use, which no language has."""


class _Isolating(Reader):
    """Sets amounts and the subject's number apart from the direction of what is around them."""

    def money(self, minor: int) -> str:
        return _OPEN + super().money(minor) + _CLOSE

    @property
    def ref(self) -> str:
        return _OPEN + super().ref + _CLOSE


def is_written(template: str, audience: str) -> bool:
    """Whether there is such a mail for this audience: the business's own aren't for customers."""
    return audience in catalogue.load(catalogue.DEFAULT)["mails"].get(template, ())


def render(news: News, look: Look = _USUAL) -> Rendered:
    """Write a mail that `is_written`."""
    reader = Reader(news)
    header = reader.say(f"header{_partial(news)}")
    html = _fill(_HTML, _Isolating(news), news, look, header)
    return Rendered(
        language=reader.language,
        header=header,
        text=_tidy(_fill(_TEXT, reader, news, look, header)),
        html=html.replace(_OPEN, "<bdi>").replace(_CLOSE, "</bdi>"),
    )


def _fill(environment: Environment, reader: Reader, news: News, look: Look, header: str) -> str:
    title = reader.say(f"title{_partial(news)}")
    template = environment.get_template(f"{news.template}.j2")
    return template.render(news=news, look=look, r=reader, header=header, title=title)


def _partial(news: News) -> str:
    return "_partial" if news.is_partial_end else ""


def _tidy(text: str) -> str:
    """Keep at most one empty line between paragraphs, and no spaces at line ends."""
    paragraphs = ("\n".join(line.rstrip() for line in text.splitlines())).split("\n\n")
    return "\n\n".join(part.strip("\n") for part in paragraphs if part.strip()) + "\n"
