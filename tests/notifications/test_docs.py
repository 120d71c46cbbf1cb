"""The page about mails tells of each of them, and to whom it goes."""

from pathlib import Path

from notifications import catalogue
from notifications.news import DISPENSABLE

PAGE = (Path(__file__).parents[2] / "docs" / "mails.md").read_text(encoding="utf-8")


def test_every_mail_is_on_the_page_with_who_gets_it() -> None:
    rows = [line.split(" | ") for line in PAGE.splitlines() if line.startswith("| `")]
    told = {name.strip("| `"): set(to.split(", ")) for name, to, *_ in rows if "PORTAL" not in name}
    mails = catalogue.load("en")["mails"]
    # declined, undone, received and approved have words for the business that nobody sends yet
    assert {name: told[name] - set(audiences) for name, audiences in mails.items()} == {
        name: set() for name in mails
    }


def test_what_customers_can_do_without_is_named() -> None:
    line = PAGE[PAGE.index("can do without") :].split("(`DISPENSABLE`")[0]
    assert {name for name in DISPENSABLE if f"`{name}`" in line} == DISPENSABLE
