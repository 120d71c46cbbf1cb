"""Each preset against its own cases: the boundary, a minute before and a minute after."""

import pytest

from domain.policy.decide import decide
from tests.domain.cases import (
    POLICIES,
    Case,
    differences,
    facts_of,
    load_policy,
    read_cases,
    request_of,
)

CASES = [case for path in sorted(POLICIES.glob("cases/*.jsonl")) for case in read_cases(path)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case_has_the_right_answer(case: Case) -> None:
    policy = load_policy(case["policy_id"])
    decision = decide(policy, facts_of(case), request_of(case))
    assert differences(decision, case["expected"]) == {}


PRESETS = sorted(path.stem for path in POLICIES.glob("*.yaml"))


def test_every_preset_has_cases() -> None:
    assert {case["policy_id"] for case in CASES} == set(PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_preset_is_named_like_its_file(name: str) -> None:
    assert load_policy(name).id == name
