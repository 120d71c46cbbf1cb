from datetime import date
from typing import Any

import pytest

from domain.errors import PolicyInvalid
from domain.policy.decide import decide
from tests.domain.factories import a_policy, a_request, an_appointment

FACTS = {
    "attributes.extras": {"type": "list", "default": []},
    "attributes.any": "any",
    "attributes.fare": "text",
}


def fits(when: dict[str, Any], **facts: Any) -> bool:
    rules = [{"when": when, "keep": "everything"}, {"keep": "nothing"}]
    policy = a_policy(rules=rules, facts=FACTS)
    return decide(policy, an_appointment(**facts), a_request()).fee_minor == 1_000


@pytest.mark.parametrize(
    ("test", "extras", "is_fit"),
    [
        ("flex", ["Photo", "Flex"], True),
        (["flex", "gold"], ["gold"], True),
        ("flex", [], False),
        ({"not": "flex"}, [], True),
        ({"not": ["flex", "gold"]}, ["photo", "gold"], False),
    ],
)
def test_a_list_is_asked_whether_it_holds_something(
    test: Any, extras: list[str], is_fit: bool
) -> None:
    assert fits({"attributes.extras": test}, attributes={"extras": extras}) is is_fit


@pytest.mark.parametrize(
    ("test", "told", "is_fit"),
    [("Gold", "gold", True), ("Gold", ["silver", "GOLD"], True), (3, 3, True), ("3", 3, False)],
)
def test_what_may_be_anything_is_compared_as_what_it_is(test: Any, told: Any, is_fit: bool) -> None:
    assert fits({"attributes.any": test}, attributes={"any": told}) is is_fit


def test_what_may_be_anything_has_no_order() -> None:
    with pytest.raises(PolicyInvalid, match="can be compared by `is` and `not` only"):
        fits({"attributes.any": {"over": 3}})


@pytest.mark.parametrize("told", ["super_saver", "Super Saver", "super-saver"])
def test_texts_are_the_same_however_their_words_are_joined(told: str) -> None:
    assert fits({"attributes.fare": "super saver"}, attributes={"fare": told})


def test_a_day_of_the_year_can_be_named() -> None:
    christmas = {"starts_at": date(2026, 12, 24)}
    assert fits({"start.day": "12-24"}, **christmas)
    assert not fits({"start.day": ["12-25", "12-26"]}, **christmas)
