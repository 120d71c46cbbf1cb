"""Each mail as it was last looked at: a file for each mail and language.

`RESCIND_WRITE_MAILS=1 pytest tests/notifications/test_snapshots.py` writes them anew. The files
hold words and structure; how it all looks is in one of them, kept whole.
"""

import os
import re
from pathlib import Path

import pytest

from domain.subjects import Kind
from notifications import catalogue
from notifications.examples import LOOK, example
from notifications.news import Audience, Template
from notifications.render import render

FOLDER = Path(__file__).parent / "snapshots"
LANGUAGES = ("en", "de", "ar")
WHOLE = "look.en.html"
_IS_WRITING = os.environ.get("RESCIND_WRITE_MAILS") == "1"
_MAILS = [
    (Template(template), Audience(audience))
    for template, audiences in catalogue.load("en")["mails"].items()
    for audience in audiences
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("template", "audience"), _MAILS)
def test_a_mail_is_as_it_was_last_looked_at(
    template: Template, audience: Audience, language: str
) -> None:
    mail = render(example(template, audience, language, Kind.ORDER), LOOK)
    _compare(
        f"{template}-{audience}.{language}.txt",
        f"Subject: {mail.header}\n\n{mail.text}\n{'=' * 72}\n{_bare(mail.html)}",
    )


def test_the_look_is_as_it_was_last_looked_at() -> None:
    news = example(Template.CANCELLED, Audience.CUSTOMER, "en", Kind.ORDER)
    _compare(WHOLE, render(news, LOOK).html)


def test_no_snapshot_is_left_of_a_mail_that_is_gone() -> None:
    known = {f"{name}-{to}.{language}.txt" for name, to in _MAILS for language in LANGUAGES}
    assert {file.name for file in FOLDER.iterdir()} == known | {WHOLE}


def _compare(name: str, told: str) -> None:
    file = FOLDER / name
    if _IS_WRITING:
        FOLDER.mkdir(exist_ok=True)
        file.write_text(told, encoding="utf-8")
    assert told.splitlines() == file.read_text(encoding="utf-8").splitlines()


def _bare(html: str) -> str:
    """The page without its styles and empty lines, so that a change of words stands out."""
    body = html[html.index("<body") :]
    bare = re.sub(r' (style|cellpadding|cellspacing|width)="[^"]*"', "", body)
    return "\n".join(line for line in bare.splitlines() if line.strip())
