"""Made-up tiers: sound ones are left alone, a flaw that is planted is found."""

import time
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.policy.lint import lint
from tests.domain.factories import a_policy
from tests.domain.policy.documents import documents
from tests.domain.policy.linting.findings import Rule
from use_cases.documents import positions

_SORTS = {"h": 2_000, "d": 200, "bd": 40, "mo": 24}


@st.composite
def tiers(draw: st.DrawFn) -> list[Rule]:
    """From long notice to short, keeping more and more, the last without a condition."""
    unit, most = draw(st.sampled_from(sorted(_SORTS.items())))
    count = draw(st.integers(2, 8))
    bounds = draw(st.lists(st.integers(1, most), min_size=count, max_size=count, unique=True))
    kept = draw(st.lists(st.integers(0, 99), min_size=count + 1, max_size=count + 1, unique=True))
    spans = [f"{2 * bound}{unit}" for bound in sorted(bounds, reverse=True)]
    rules: list[Rule] = [{"when": {"notice": {"at_least": span}}} for span in spans]
    return [rule | {"keep": f"{n}%"} for rule, n in zip([*rules, {}], sorted(kept), strict=True)]


@st.composite
def bands(draw: st.DrawFn) -> list[Rule]:
    """The same as ranges side by side, in any order."""
    rules = draw(tiers())
    upper: str | None = None
    for rule in rules:
        bounds = dict(rule.get("when", {}).get("notice", {}))
        if upper:
            bounds["under"] = upper
        upper = bounds.get("at_least")
        rule["when"] = {"notice": bounds}
    return draw(st.permutations(rules))


def codes(rules: list[Rule]) -> list[tuple[str, str]]:
    return [(each.code, each.place) for each in lint(a_policy(rules=rules, rounding="down"))]


@given(tiers() | bands())
def test_sound_tiers_are_left_alone(rules: list[Rule]) -> None:
    assert codes(rules) == []


@given(st.data(), bands())
def test_a_band_that_is_taken_out_leaves_a_gap(data: st.DataObject, rules: list[Rule]) -> None:
    rules.pop(data.draw(st.integers(0, len(rules) - 1)))
    assert codes(rules) == [("gap", "rules")]


@given(tiers())
def test_tiers_without_their_last_leave_a_gap(rules: list[Rule]) -> None:
    assert codes(rules[:-1]) == [("gap", "rules")]


@given(st.data(), tiers())
def test_a_tier_behind_a_wider_one_never_decides(data: st.DataObject, rules: list[Rule]) -> None:
    place = data.draw(st.integers(0, len(rules) - 2))
    further = data.draw(st.integers(place + 1, len(rules) - 1))
    rules.insert(further, rules.pop(place))
    assert ("unreachable", f"rules[{further}]") in codes(rules)


@given(st.data(), bands())
def test_a_band_that_reaches_into_the_next_overlaps(data: st.DataObject, rules: list[Rule]) -> None:
    inner = [n for n, rule in enumerate(rules) if len(rule["when"]["notice"]) == 2]
    place = data.draw(st.sampled_from(inner)) if inner else 0
    bounds = rules[place]["when"]["notice"]
    word = "under" if "under" in bounds else "at_least"
    end = bounds.pop(word)
    bounds["at_most" if word == "under" else "over"] = end
    told = {code for code, _ in codes(rules)}
    assert told == ({"overlap"} if word == "under" else {"gap"})


@given(st.data(), tiers())
def test_amounts_in_the_wrong_order_reward_waiting(data: st.DataObject, rules: list[Rule]) -> None:
    place = data.draw(st.integers(0, len(rules) - 2))
    first, second = rules[place], rules[place + 1]
    first["keep"], second["keep"] = second["keep"], first["keep"]
    assert ("better_later", f"rules[{place + 1}]") in codes(rules)


@given(documents())
@settings(max_examples=60)
def test_every_place_exists_and_no_look_takes_long(document: dict[str, Any]) -> None:
    policy = a_policy(**document)
    began = time.process_time()
    found = lint(policy)
    assert time.process_time() - began < 30  # a guard against hanging
    places = positions(yaml.safe_dump(document))
    assert {each.place for each in found} <= places.keys()
