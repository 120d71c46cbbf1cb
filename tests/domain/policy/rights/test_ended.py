"""Until when the law would have let something go."""

from datetime import timedelta
from typing import Any

import pytest

from domain.policy.rights.ended import law_ended_at
from tests.domain.factories import NOW, a_line, an_order
from tests.domain.policy.rights.test_best import DAYS_14, EXEMPT, FREE, a_law, rights

DAYS_30 = {"when": {"since.placed": {"over": "30d"}}, "refuse": "window_over"}
LATE = NOW + timedelta(days=20)


def test_it_ended_when_its_time_ran_out_and_not_before() -> None:
    order = an_order(a_line())
    assert law_ended_at(rights(), order, NOW + timedelta(days=13)) is None
    ended = law_ended_at(rights(), order, LATE)
    assert ended
    assert NOW + timedelta(days=13) < ended < LATE


def test_of_several_laws_the_last_to_end_counts() -> None:
    laws = (a_law(DAYS_14, FREE), a_law(DAYS_30, FREE, id="longer"))
    order = an_order(a_line())
    assert law_ended_at(rights(*laws), order, LATE) is None
    ended = law_ended_at(rights(*laws), order, LATE + timedelta(days=20))
    assert ended
    assert ended > LATE


@pytest.mark.parametrize("known", [{"category": "exempt"}, {"quantity_cancelled": 1}])
def test_what_the_law_never_let_go_or_is_gone_has_no_end(known: dict[str, Any]) -> None:
    law = a_law(EXEMPT, DAYS_14, FREE)
    assert law_ended_at(rights(law), an_order(a_line(**known)), LATE) is None


def test_an_exception_beside_it_does_not_hide_the_end_of_the_rest() -> None:
    law = a_law(EXEMPT, DAYS_14, FREE)
    order = an_order(a_line(), a_line("b", category="exempt"))
    assert law_ended_at(rights(law), order, LATE) is not None
