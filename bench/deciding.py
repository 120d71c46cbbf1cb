"""How many decisions one core makes in a second, beside calls of a function that does nothing."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.cases.cases import read_case
from domain.cases.facts import facts_of, request_of
from domain.facts import Facts
from domain.policy.decide import decide, judge
from domain.policy.policy import Policy
from domain.requests import Request
from runtime.policies import case_files
from runtime.policies.files import load_policy

_ROUNDS = 5
_AT_LEAST = 0.4
"""Seconds a round takes: long enough that the clock and a pause of the collector don't matter."""

Call = Callable[[Policy, Facts, Request], Any]


@dataclass(frozen=True)
class Rate:
    """Seconds a call, of the fastest round: others had to share the processor."""

    case: str
    decision: float
    answer: float
    empty: float


def measure(policies: Path, cases: Path, case_id: str) -> Rate:
    """Decide one case again and again. Raises LookupError where there is no such case."""
    policy, facts, request = _case(policies, cases, case_id)
    calls: Sequence[Call] = (decide, judge, _nothing)
    return Rate(case_id, *(_seconds(call, policy, facts, request) for call in calls))


def _case(policies: Path, cases: Path, case_id: str) -> tuple[Policy, Facts, Request]:
    for entry in case_files.read(cases):
        if entry.given is not None and entry.given.get("id") == case_id:
            case = read_case(entry.given)
            policy = load_policy(policies / f"{case.policy_id}.yaml")
            return policy, facts_of(case), request_of(case)
    raise LookupError(f"{cases} has no case {case_id}")


def _nothing(policy: Policy, facts: Facts, request: Request, *, version: int = 0) -> None:
    """What a call alone costs."""


def _seconds(call: Call, policy: Policy, facts: Facts, request: Request) -> float:
    count = 1
    while _round(call, policy, facts, request, count) < _AT_LEAST:
        count *= 2
    rounds = [_round(call, policy, facts, request, count) for _ in range(_ROUNDS)]
    return min(rounds) / count


def _round(call: Call, policy: Policy, facts: Facts, request: Request, count: int) -> float:
    began = time.perf_counter()
    for _ in range(count):
        call(policy, facts, request)
    return time.perf_counter() - began
