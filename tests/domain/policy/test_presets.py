"""Each preset against its own cases: the boundary, a minute before and a minute after; and the
published policies against their published answers."""

import os
from functools import lru_cache
from pathlib import Path

import pytest

from domain.cases.cases import read_case
from domain.policy.decide import decide
from domain.policy.policy import Policy
from tests.domain.cases import (
    POLICIES,
    ROOT,
    Case,
    differences,
    facts_of,
    load_policy,
    read_cases,
    request_of,
)

PRESETS = sorted(path.stem for path in POLICIES.glob("*.yaml"))
OWN = [case for path in sorted(POLICIES.glob("cases/*.jsonl")) for case in read_cases(path)]

FOLDER = Path(os.environ.get("RESCIND_CASES", ROOT.parent / "shared" / "policies"))
FILE = FOLDER / "public_cases.jsonl"
PUBLIC = list(read_cases(FILE)) if FILE.exists() else []
needs_public = pytest.mark.skipif(not PUBLIC, reason="needs public_cases.jsonl in $RESCIND_CASES")

policy_of = lru_cache(load_policy)


def is_inferred(case: Case) -> bool:
    return read_case(case).is_inferred


def wrong(case: Case) -> dict[str, tuple[object, object]]:
    decision = decide(policy_of(case["policy_id"]), facts_of(case), request_of(case))
    return differences(decision, case["expected"])


@pytest.mark.parametrize("case", OWN, ids=lambda case: case["id"])
def test_case_has_the_right_answer(case: Case) -> None:
    assert wrong(case) == {}


@needs_public
def test_every_answer_that_its_source_settles_is_right() -> None:
    settled = [case for case in PUBLIC if not is_inferred(case)]
    assert {case["id"]: wrong(case) for case in settled if wrong(case)} == {}
    assert (len(PUBLIC), len({case["policy_id"] for case in PUBLIC})) == (162, 32)


@needs_public
def test_every_answer_that_was_inferred_is_ours_too() -> None:
    inferred = [case for case in PUBLIC if is_inferred(case)]
    assert inferred
    assert {case["id"]: wrong(case) for case in inferred if wrong(case)} == {}


@needs_public
def test_every_preset_has_cases() -> None:
    assert {case["policy_id"] for case in (*OWN, *PUBLIC)} == set(PRESETS)


def test_cases_of_our_own_lie_under_the_name_of_their_policy() -> None:
    for path in POLICIES.glob("cases/*.jsonl"):
        assert {case["policy_id"] for case in read_cases(path)} == {path.stem}


@pytest.mark.parametrize("name", PRESETS)
def test_preset_is_named_like_its_file(name: str) -> None:
    policy: Policy = policy_of(name)
    assert policy.id == name


def test_only_what_data_can_not_say_is_an_expression() -> None:
    texts = {name: (POLICIES / f"{name}.yaml").read_text(encoding="utf-8") for name in PRESETS}
    with_expression = {name for name, text in texts.items() if "cel:" in text}
    assert with_expression == {"pretix-rule-objects", "spa-fee-engine"}
