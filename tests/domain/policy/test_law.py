"""Each law against its cases: the boundary, a minute before and after, per line, exceptions."""

import pytest

from domain.policy.decide import decide
from domain.policy.policy import Policy
from runtime.policies.files import load_policy
from tests.domain.cases import POLICIES, Case, differences, facts_of, read_cases, request_of

CASES = [case for path in sorted(POLICIES.glob("cases/law/*.jsonl")) for case in read_cases(path)]
LAWS = sorted(path.stem for path in POLICIES.glob("law/*.yaml"))


def _policy(name: str) -> Policy:
    own = POLICIES / "law" / f"{name}.yaml"
    return load_policy(own if own.exists() else POLICIES / f"{name}.yaml")


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_case_has_the_right_answer(case: Case) -> None:
    decision = decide(_policy(case["policy_id"]), facts_of(case), request_of(case))
    assert differences(decision, case["expected"]) == {}


@pytest.mark.parametrize("name", LAWS)
def test_every_law_has_cases_and_is_named_like_its_file(name: str) -> None:
    assert _policy(name).id == name
    assert any(case["policy_id"] == name for case in CASES)
