"""Policies by name, and cases in the public format: facts, a reason, the right answer."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from domain.cases import facts as case_facts
from domain.cases.cases import read_case
from domain.cases.scores import score
from domain.decisions import Decision
from domain.facts import Facts
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from domain.requests import Request

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"

Case = Mapping[str, Any]


def load_policy(policy_id: str) -> Policy:
    text = (POLICIES / f"{policy_id}.yaml").read_text(encoding="utf-8")
    return parse_policy(yaml.safe_load(text))


def read_cases(path: Path) -> Iterator[Case]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def facts_of(case: Case) -> Facts:
    return case_facts.facts_of(read_case(case))


def request_of(case: Case, reason: str | None = None) -> Request:
    return case_facts.request_of(read_case({**case, "reason": reason or case.get("reason")}))


def differences(decision: Decision, expected: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What the source settles and we answer otherwise: ours and the right one, by name."""
    return {each.field: (each.ours, each.right) for each in score(decision, expected).differences}
