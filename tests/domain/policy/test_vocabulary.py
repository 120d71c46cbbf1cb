from datetime import timedelta
from typing import Any

import pytest

from domain.decisions import Decision
from domain.facts import CustomerFacts, Facts
from domain.policy.decide import decide
from tests.domain.factories import START, a_line, a_policy, a_request, an_order

NOTHING = {"keep": "nothing"}


def decision(when: dict[str, Any], order: Facts, *lines: str, **document: Any) -> Decision:
    rules = [{"when": when, "keep": "1.00 EUR"}, NOTHING]
    asked = [(line, 1) for line in lines]
    return decide(a_policy(rules=rules, **document), order, a_request(*asked))


@pytest.mark.parametrize(
    ("lines", "gone", "fee"), [(["a"], 0, 100), (["b"], 0, 0), ([], 0, 100), (["b"], 1, 100)]
)
def test_what_remains_is_what_neither_this_nor_an_earlier_request_takes(
    lines: list[str], gone: int, fee: int
) -> None:
    facts = an_order(a_line(price=4_000), a_line("b", 2_000), a_line("c", 1_000,
                     quantity_cancelled=gone))  # fmt: skip
    below = {"remaining": {"under": "50.00 EUR"}}
    assert decision(below, facts, *lines).fee_minor == fee


@pytest.mark.parametrize(("count", "fee"), [(1, 0), (2, 100)])
def test_share_is_how_much_of_the_whole_is_cancelled(count: int, fee: int) -> None:
    rules = [{"when": {"share": {"over": "10%"}}, "keep": "1.00 EUR"}, NOTHING]
    seats = an_order(a_line(price=100, quantity=10))
    assert decide(a_policy(rules=rules), seats, a_request(("a", count))).fee_minor == fee
    free = an_order(a_line(price=0, quantity=10))
    assert decide(a_policy(rules=rules), free, a_request(("a", count))).fee_minor == 0


def test_used_is_a_share_of_what_was_bought() -> None:
    counted = {"count": "attributes.hours", "out_of": "attributes.of"}
    facts = {"attributes.hours": "number", "attributes.of": "number"}
    document = {"usage": counted, "facts": facts}
    for hours, fee in ((299.5, 0), (300, 0), (300.5, 100)):
        told = {"hours": hours, "of": 500}
        order = an_order(attributes=told, starts_at=START - timedelta(days=20))
        at_most = {"used": {"over": "60%"}}
        rules = [{"when": at_most, "keep": "1.00 EUR"}, {"when": {"used": {"known": True}},
                 **NOTHING}]  # fmt: skip
        assert decide(a_policy(rules=rules, **document), order, a_request()).fee_minor == fee


def test_what_the_merchant_counts_of_a_customer_has_names() -> None:
    often = {"customer.no_shows_this_year": {"at_least": 2}}
    order = an_order(customer=CustomerFacts(no_shows_this_year=2))
    assert decision(often, order).fee_minor == 100
    assert [each.code for each in decision(often, an_order()).codes] == ["fact_missing"]
    default = {"customer.no_shows_this_year": {"type": "number", "default": 0}}
    assert decision(often, an_order(), facts=default).fee_minor == 0


def test_a_word_nobody_explained_is_none_of_those_a_rule_lists() -> None:
    for listed, codes in (("pending", ["not_pending"]), ("open", ["stage_unknown"])):
        policy = a_policy(rules=[{"unless": {"stage": listed}, "refuse": "not_pending"}, NOTHING])
        found = decide(policy, an_order(stage="in limbo"), a_request())
        assert [each.code for each in found.codes] == codes
