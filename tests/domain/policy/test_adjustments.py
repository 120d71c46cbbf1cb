"""What lowers or raises a refund besides the fee, and the worked examples of the docs."""

from pathlib import Path
from typing import Any

import pytest

from domain.decisions import Decision
from domain.facts import Facts
from domain.money import plain
from domain.policy.decide import decide
from domain.policy.policy import Policy
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Law, Rights
from domain.promotions import Promotion
from domain.requests import Initiator, Overrides, Right
from domain.subjects import Line, LineKind
from tests.domain.factories import a_line, a_policy, a_request, a_tender, an_order
from tests.domain.policy.test_charges import cancelled

DOCS = (Path(__file__).parents[3] / "docs" / "policies.md").read_text(encoding="utf-8")
FREE = {"rules": [{"keep": "nothing"}]}
LINES = (
    a_line("shoes", 8_000, discount_minor=1_600),
    a_line("belt", 3_000, discount_minor=600),
    a_line("parcel", 490, kind=LineKind.SHIPPING, discount_minor=490),
)
SPRING = Promotion.model_validate(
    {
        "id": "spring",
        "title": "20 % off",
        "kind": "percent_off",
        "threshold_minor": 10_000,
        "lines": [
            {"id": "shoes", "discount_minor": 1_600},
            {"id": "belt", "discount_minor": 600},
        ],
    }
)
FREE_PARCEL = Promotion.model_validate(
    {
        "id": "parcel",
        "kind": "free_shipping",
        "threshold_minor": 4_000,
        "lines": [{"id": "parcel", "discount_minor": 490}],
    }
)


def an_offer(*lines: Line, **given: Any) -> Facts:
    return an_order(*(lines or LINES), promotions=(SPRING, FREE_PARCEL), **given)


def in_turn(policy: Policy, facts: Facts, *asked: tuple[str, int]) -> list[Decision]:
    decisions = []
    for line in asked:
        decisions.append(decide(policy, facts, a_request(line)))
        facts = cancelled(facts, decisions[-1])
    return decisions


def adjusted(decision: Decision) -> list[tuple[str, str, int]]:
    return [
        (line.id, each.code, each.amount_minor)
        for line in decision.lines
        for each in line.adjustments
    ]


def sums(decision: Decision) -> list[str]:
    """Price, fee, adjustments and refund as the docs write them."""
    price = sum(line.price_minor for line in decision.lines)
    change = sum(each.amount_minor for line in decision.lines for each in line.adjustments)
    found = (price, decision.fee_minor, change, decision.refund_minor)
    return [figure(minor) for minor in found]


def figure(minor: int) -> str:
    return ("-" if minor < 0 else "") + plain(abs(minor), "EUR").removesuffix(" EUR")


def row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


@pytest.mark.parametrize("order", [("belt", "shoes"), ("shoes", "belt")])
def test_the_docs_example_of_a_discount_and_free_shipping(order: tuple[str, str]) -> None:
    first, last = in_turn(a_policy(**FREE), an_offer(), (order[0], 1), (order[1], 1))
    assert row(f"the {order[0]}", *sums(first)) in DOCS
    assert row(f"then the {order[1]}", *sums(last)) in DOCS
    assert first.refund_minor + last.refund_minor == 8_800


def test_what_is_lost_is_told_line_by_line_with_what_its_sentence_needs() -> None:
    first, last = in_turn(a_policy(**FREE), an_offer(), ("shoes", 1), ("belt", 1))
    assert adjusted(first) == [
        ("shoes", "discount_lost", -600),
        ("shoes", "shipping_due", -490),
    ]
    assert first.lines[0].adjustments[0].params == {
        "promotion": "20 % off", "threshold_minor": 10_000, "remaining_minor": 3_000,
    }  # fmt: skip
    assert [(found.code, found.params["amount_minor"]) for found in first.codes] == [
        ("discount_lost", 600),
        ("shipping_due", 490),
    ]
    assert sorted(adjusted(last)) == [
        ("belt", "deduction_returned", 490),
        ("belt", "deduction_returned", 600),
    ]


def test_a_refund_is_never_below_nothing_and_what_it_could_not_bear_was_never_taken() -> None:
    promotion = SPRING.model_copy(update={"lines": SPRING.lines[:1]})
    facts = an_order(
        a_line("shoes", 9_500, discount_minor=1_600), a_line("pin", 500), promotions=(promotion,)
    )
    first, second = in_turn(a_policy(**FREE), facts, ("pin", 1), ("shoes", 1))
    assert (first.refund_minor, first.carried_minor) == (0, 1_100)
    assert (second.refund_minor, second.carried_minor) == (8_400, 0)
    assert adjusted(second) == [("shoes", "deduction_returned", 500)]


@pytest.mark.parametrize(
    ("document", "given"),
    [
        ({"promotions": "ignore"}, {}),
        ({}, {"initiator": Initiator.BUSINESS}),
        ({}, {"initiator": Initiator.STAFF, "right": Right.GOODWILL,
              "overrides": Overrides(ignore_rules=True)}),
        ({}, {"initiator": Initiator.STAFF, "right": Right.GOODWILL,
              "overrides": Overrides(fee_minor=0)}),
    ],
)  # fmt: skip
def test_nothing_is_taken_off_where_the_policy_says_so_or_the_business_cancels(
    document: dict[str, Any], given: dict[str, Any]
) -> None:
    policy = a_policy(**FREE, **document)
    decision = decide(policy, an_offer(), a_request(("shoes", 1), **given))
    assert (decision.refund_minor, adjusted(decision)) == (6_400, [])


def test_by_law_what_stays_keeps_its_discount_where_the_law_says_so() -> None:
    law = a_policy(id="law", **FREE, promotions="ignore")
    rights = Rights(a_policy(**FREE), laws=(Law(law),))
    decision = decide_best(rights, an_offer(), a_request(("shoes", 1)))
    assert (decision.right, decision.refund_minor) == (Right.LAW, 6_400)


def test_a_fee_that_is_lower_for_the_whole_goes_back_with_the_last_part() -> None:
    policy = a_policy(rules=[{"when": {"whole": True}, "keep": "nothing"}, {"keep": "5.00 EUR"}])
    facts = an_order(a_line("a"), a_line("b"))
    first, last = in_turn(policy, facts, ("a", 1), ("b", 1))
    assert (first.refund_minor, last.refund_minor) == (500, 1_500)
    assert adjusted(last) == [("b", "fee_returned", 500)]


def test_a_part_that_costs_more_than_its_price_is_borne_by_the_next() -> None:
    policy = a_policy(rules=[{"keep": "50%", "rounding": {"way": "up", "to": "10.00 EUR"}}])
    facts = an_order(a_line("a", 2_000), a_line("b", 100), a_line("c", 3_900))
    parts = in_turn(policy, facts, ("a", 1), ("b", 1), ("c", 1))
    assert [part.refund_minor for part in parts] == [1_000, 0, 2_000]
    assert [part.carried_minor for part in parts] == [0, 900, 0]
    assert adjusted(parts[2]) == [("c", "carried_over", -900)]
    assert decide(policy, facts, a_request()).refund_minor == 3_000


def test_a_fee_paid_before_at_other_terms_is_given_back_only_as_far_as_it_was_paid() -> None:
    policy = a_policy(rules=[{"when": {"whole": True}, "keep": "nothing"}, {"keep": "5.00 EUR"}])
    gone = a_line("a", quantity_cancelled=1, refunded_minor=900)
    facts = an_order(gone, a_line("b"), tenders=(a_tender(2_000, returned_minor=900),))
    assert decide(policy, facts, a_request(("b", 1))).refund_minor == 1_100


def test_the_docs_example_of_tax() -> None:
    """A quarter is kept of a price that holds 19 %: the parts' tax is that of their sum."""
    line = a_line("jar", 3_999, quantity=3, tax_rate="19", tax_included_minor=1_916)
    policy = a_policy(rules=[{"keep": "25%"}])
    parts = in_turn(policy, an_order(line), ("jar", 1), ("jar", 1), ("jar", 1))
    for name, part in zip(("the first", "the second", "the third"), parts, strict=True):
        (amount,) = part.lines
        told = (amount.price_minor, amount.fee_minor, amount.refund_minor, amount.tax_minor)
        assert row(name, *(figure(minor) for minor in told)) in DOCS
    whole = decide(policy, an_order(line), a_request()).lines[0]
    assert sum(part.lines[0].tax_minor for part in parts) == whole.tax_minor
    told = (whole.price_minor, whole.fee_minor, whole.refund_minor, whole.tax_minor)
    assert row("all three at once", *(figure(minor) for minor in told)) in DOCS


@pytest.mark.parametrize(
    ("name", "document", "method"),
    [
        ("`order`", {"share": "order"}, None),
        ("`order`, with `tender_order: [gift_card]`", {"tender_order": ["gift_card"]}, None),
        ("`proportion`", {"share": "proportion"}, None),
        ("`choice`, and the customer names the gift card", {"share": "choice"}, "gift_card"),
    ],
)
def test_the_docs_example_of_sharing(
    name: str, document: dict[str, Any], method: str | None
) -> None:
    facts = an_order(
        a_line("a", 9_000),
        a_line("b", 6_000),
        tenders=(a_tender(10_000), a_tender(5_000, "gift_card")),
    )
    decision = decide(a_policy(**FREE, **document), facts, a_request(("a", 1), method=method))
    back = {tender.id: tender.amount_minor for tender in decision.tenders}
    assert row(name, *(figure(back.get(id_, 0)) for id_ in ("card", "gift_card"))) in DOCS
