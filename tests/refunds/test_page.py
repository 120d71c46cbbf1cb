"""The page in docs, without playing anything."""

from tests.refunds import page
from tests.refunds.cells import Fault, documented, every


def test_the_page_tells_of_every_cell_that_can_be_and_of_no_other() -> None:
    assert set(page.read()) == set(every(*Fault))


def test_the_page_is_what_its_outcomes_make_it() -> None:
    assert page.render(page.read()) == page.PAGE.read_text()


def test_the_page_and_the_rules_agree() -> None:
    assert {cell: documented(cell) for cell in every(*Fault)} == page.read()
