"""Choosing the policy of a purchase: the most specific that applies, and never by chance."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import PolicyAmbiguous, PolicyInvalid
from domain.facts import CustomerFacts
from domain.policy.choice import Candidate, choose
from domain.subjects import LineKind
from tests.domain.factories import NOW, a_line, a_policy, an_appointment, an_order

FACTS = {"attributes.channel": "text", "customer.group": "text"}
CLUB = CustomerFacts(attributes={"group": "club"})
WEB = {"channel": "web"}


def a_candidate(name: str, applies_to: Any, since: datetime = NOW, **document: Any) -> Candidate:
    policy = a_policy(id=name, facts=FACTS, applies_to=applies_to, **document)
    return Candidate(policy, 1, since)


def chosen(*candidates: Candidate, facts: Any) -> str | None:
    found = choose(candidates, facts)
    return found.policy.id if found else None


@pytest.mark.parametrize(
    ("applies_to", "facts", "applies"),
    [
        ({"kind": "order"}, an_order(), True),
        ({"kind": "appointment"}, an_order(), False),
        ({"line.sku": "massage"}, an_order(a_line(sku="massage")), True),
        ({"line.category": ["toys", "games"]}, an_order(a_line(category="Toys")), True),
        ({"attributes.channel": "web"}, an_order(attributes={"channel": "web"}), True),
        ({"attributes.channel": "web"}, an_order(attributes={"channel": "phone"}), False),
        ({"customer.group": "club"}, an_order(customer=CLUB), True),
        ({"total": {"over": "9.99 EUR"}}, an_order(), True),
        ({"total": {"over": "10.00 EUR"}}, an_order(), False),
        ({"start.month": ["dec", "jan"]}, an_appointment(starts_at=date(2026, 12, 24)), True),
        ({"start.day": {"between": ["12-20", "01-06"]}}, an_appointment(), False),
        ({"placed.weekday": "mon"}, an_order(), True),
        ({"lead_time": {"under": "7d"}}, an_appointment(), True),
        ({"cel": "total > 999.0 && currency == 'EUR'"}, an_order(), True),
    ],
)
def test_kind_service_category_channel_group_price_and_season_can_choose(
    applies_to: dict[str, Any], facts: Any, *, applies: bool
) -> None:
    assert (chosen(a_candidate("x", applies_to), facts=facts) == "x") is applies


def test_a_condition_about_lines_holds_for_each_of_them_but_not_for_shipping() -> None:
    toys = a_candidate("toys", {"line.category": "toys"})
    parcel = a_line("s", 500, kind=LineKind.SHIPPING)
    both = (a_line("a", category="toys"), a_line("b", category="books"))
    assert chosen(toys, facts=an_order(both[0], parcel)) == "toys"
    assert chosen(toys, facts=an_order(*both)) is None


def test_what_was_delivered_or_cancelled_since_counts_as_bought() -> None:
    toys = a_candidate("toys", {"line.category": "toys", "total": {"at_least": "20.00 EUR"}})
    lines = (
        a_line("a", category="toys", status="delivered"),
        a_line("b", category="toys", quantity_cancelled=1),
    )
    assert chosen(toys, facts=an_order(*lines, stage="delivered")) == "toys"


def test_what_nobody_knows_does_not_apply() -> None:
    web = a_candidate("web", {"attributes.channel": "web"})
    assert chosen(web, facts=an_order()) is None
    assert chosen(web, facts=an_order(attributes={"channel": 7})) is None
    early = a_candidate("early", {"lead_time": {"over": "1d"}})
    assert chosen(early, facts=an_order()) is None


def test_the_more_names_it_asks_about_the_more_specific_it_is() -> None:
    general = a_candidate("general", {"kind": "order"})
    web = a_candidate("web", {"kind": "order", "attributes.channel": "web"})
    range_ = a_candidate("range", {"total": {"at_least": "1.00 EUR", "at_most": "99.00 EUR"}})
    facts = an_order(attributes=WEB)
    assert chosen(general, web, range_, facts=facts) == "web"
    assert chosen(general, web, facts=an_order(attributes={"channel": "shop"})) == "general"


def test_of_those_equally_specific_priority_counts_then_the_newer() -> None:
    later = NOW + timedelta(days=1)
    one = a_candidate("one", {"kind": "order"}, priority=1)
    new = a_candidate("new", {"total": {"over": "1.00 EUR"}}, later)
    old = a_candidate("old", {"currency": "EUR"})
    assert chosen(new, old, one, facts=an_order()) == "one"
    assert chosen(old, new, facts=an_order()) == "new"


def test_a_tie_is_said_and_not_settled_by_chance() -> None:
    tied = [a_candidate(name, {"kind": "order"}) for name in ("b", "a")]
    with pytest.raises(PolicyAmbiguous, match="a and b apply equally well") as error:
        choose(tied, an_order())
    assert error.value.params == {"policies": ["a", "b"]}


def test_a_policy_for_another_kind_or_without_a_condition_is_not_chosen() -> None:
    plain = Candidate(a_policy(), 1, NOW)
    visits = a_candidate("visits", {"total": {"over": "1.00 EUR"}}, kinds=["appointment"])
    assert chosen(plain, visits, facts=an_order()) is None


@given(st.permutations(range(5)))
def test_the_order_of_the_candidates_does_not_matter(order: list[int]) -> None:
    conditions: list[dict[str, Any]] = [
        {"kind": "order"},
        {"currency": "EUR"},
        {"kind": "order", "currency": "EUR"},
        {"kind": "order", "total": {"over": "1.00 EUR"}},
        {"kind": "order", "attributes.channel": "web", "total": {"over": "1.00 EUR"}},
    ]
    since = [NOW + timedelta(days=place) for place in range(5)]
    found = [a_candidate(f"p{place}", conditions[place], since[place]) for place in order]
    assert chosen(*found, facts=an_order(attributes=WEB)) == "p4"
    assert chosen(*found, facts=an_order()) == "p3"


@pytest.mark.parametrize(
    "applies_to",
    [
        {"notice": {"under": "24h"}},
        {"now.weekday": "mon"},
        {"since.placed": {"over": "1d"}},
        {"reason": "ill"},
        {"initiator": "customer"},
        {"stage": "open"},
        {"line.status": "open"},
        {"settings.switch": True},
        {"evidence.letter": True},
        {"any": [{"kind": "order"}, {"whole": True}]},
        {"delivered": {"known": True}},
        {"cel": "notice_hours > 3.0"},
    ],
)
def test_only_facts_of_the_purchase_can_choose(applies_to: dict[str, Any]) -> None:
    facts = {"settings.switch": "boolean", "evidence.letter": "boolean"}
    with pytest.raises(PolicyInvalid) as error:
        a_policy(applies_to=applies_to, facts=facts)
    assert [place for place, _ in error.value.problems] == ["applies_to"]
    assert "can't choose a policy" in str(error.value)


def test_results_are_not_known_when_a_policy_is_chosen() -> None:
    with pytest.raises(PolicyInvalid, match="applies_to"):
        a_policy(applies_to={"refund": {"over": "1.00 EUR"}})
