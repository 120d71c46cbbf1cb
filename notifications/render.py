"""Turns news into a subject line, a text and a page of HTML."""

import textwrap
from pathlib import Path

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from domain.values import Value
from notifications import catalogue
from notifications.news import News, Template
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
    return environment


_HTML = _environment("html", autoescape=True)
_TEXT = _environment("text", autoescape=False)


def is_written(template: str, audience: str) -> bool:
    """Whether there is such a mail for this audience: the business's own aren't for customers."""
    return audience in catalogue.load(catalogue.DEFAULT)["mails"].get(template, ())


def render(news: News) -> Rendered:
    """Write a mail that `is_written`."""
    reader = Reader(news)
    partial = "_partial" if news.is_partial and news.template is Template.CANCELLED else ""
    words = {
        "news": news,
        "r": reader,
        "header": reader.say(f"header{partial}"),
        "title": reader.say(f"title{partial}"),
        "partial": partial,
    }
    name = f"{news.template}.j2"
    return Rendered(
        language=reader.language,
        header=str(words["header"]),
        text=_tidy(_TEXT.get_template(name).render(words)),
        html=_HTML.get_template(name).render(words),
    )


def _tidy(text: str) -> str:
    """Keep at most one empty line between paragraphs, and no spaces at line ends."""
    paragraphs = ("\n".join(line.rstrip() for line in text.splitlines())).split("\n\n")
    return "\n\n".join(part.strip("\n") for part in paragraphs if part.strip()) + "\n"
