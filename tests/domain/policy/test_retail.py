"""The published answers for 1,000 real orders and three reasons each."""

import gzip
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from domain.decisions import Decision
from domain.policy.decide import decide
from tests.domain.cases import ROOT, Case, differences, facts_of, load_policy, request_of

FOLDER = Path(os.environ.get("RESCIND_CASES", ROOT.parent / "shared" / "policies"))
FILE = FOLDER / "retail_cases.jsonl.gz"
TIMING = {"immediate": "immediate", "5-7 business days": "business_days_5_7"}


@pytest.mark.skipif(not FILE.exists(), reason="needs retail_cases.jsonl.gz in $RESCIND_CASES")
def test_three_thousand_answers_are_as_published() -> None:
    policy = load_policy("tau-retail")
    wrong, eligible, answers = [], 0, 0
    for case in _cases():
        facts = facts_of(case)
        for reason, expected in case["expected"].items():
            decision = decide(policy, facts, request_of(case, reason))
            answers += 1
            eligible += not decision.is_declined
            if differences(decision, expected) or not _same_refunds(decision, expected):
                wrong.append((case["id"], reason))
    assert wrong == []
    assert (answers, eligible) == (3_000, 846)


def _cases() -> list[Case]:
    with gzip.open(FILE, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _same_refunds(decision: Decision, expected: Mapping[str, Any]) -> bool:
    right = [
        (refund["ref"], refund["amount_minor"], TIMING[refund["timing"]])
        for refund in expected.get("refunds", ())
    ]
    return right == [(back.id, back.amount_minor, back.timing) for back in decision.tenders]
