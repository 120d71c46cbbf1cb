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
    """`ahead` is how many later changes the decision foretells. Processor seconds a call, of the
    fastest round: others had to share the processor.
    """

    case: str
    ahead: int
    decision: float
    answer: float
    empty: float


def measure(policies: Path, cases: Path, case_id: str) -> Rate:
    """Decide one case again and again. Raises LookupError where there is no such case."""
    policy, facts, request = _case(policies, cases, case_id)
    calls: Sequence[Call] = (decide, judge, _nothing)
    counts = [_enough(call, policy, facts, request) for call in calls]
    best = [float("inf")] * len(calls)
    for _ in range(_ROUNDS):
        for place, (call, count) in enumerate(zip(calls, counts, strict=True)):
            seconds = _round(call, policy, facts, request, count) / count
            best[place] = min(best[place], seconds)
    return Rate(case_id, len(decide(policy, facts, request).next_changes), *best)


def _case(policies: Path, cases: Path, case_id: str) -> tuple[Policy, Facts, Request]:
    for entry in case_files.read(cases):
        if entry.given is not None and entry.given.get("id") == case_id:
            case = read_case(entry.given)
            policy = load_policy(policies / f"{case.policy_id}.yaml")
            return policy, facts_of(case), request_of(case)
    raise LookupError(f"{cases} has no case {case_id}")


def _nothing(policy: Policy, facts: Facts, request: Request, *, version: int = 0) -> None:
    """What a call alone costs."""


def _enough(call: Call, policy: Policy, facts: Facts, request: Request) -> int:
    """How many calls make a round."""
    count = 1
    while _round(call, policy, facts, request, count) < _AT_LEAST:
        count *= 2
    return count


def _round(call: Call, policy: Policy, facts: Facts, request: Request, count: int) -> float:
    began = time.process_time()
    for _ in range(count):
        call(policy, facts, request)
    return time.process_time() - began
