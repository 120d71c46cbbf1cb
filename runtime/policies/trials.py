"""A policy against its cases."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from domain.cases.cases import Case, read_case
from domain.cases.facts import facts_of, request_of
from domain.cases.scores import Score, score
from domain.decisions import Decision
from domain.errors import CaseInvalid, InvalidRequest
from domain.policy.decide import decide
from domain.policy.policy import Policy
from runtime.policies.case_files import Entry

NOTHING_SCORED = Score((), (), ())


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_SCORED = "not_scored"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class Trial:
    """What became of one case. `fault` says why there is no decision."""

    line: int
    id: str
    result: Result
    is_inferred: bool = False
    why: str = ""
    score: Score = NOTHING_SCORED
    decision: Decision | None = None
    fault: str = ""


def try_cases(policy: Policy, entries: Iterable[Entry]) -> list[Trial]:
    return [_try(policy, entry) for entry in entries]


def count(trials: Iterable[Trial], *, inferred: bool) -> Counter[Result]:
    """How many came out how, of those whose answer the source gives or of those inferred."""
    return Counter(trial.result for trial in trials if trial.is_inferred is inferred)


def exit_code(trials: Iterable[Trial]) -> int:
    """2 if a case can't be read, 1 if one fails, else 0. What is inferred doesn't count."""
    results = {trial.result for trial in trials if not trial.is_inferred}
    if Result.UNREADABLE in results:
        return 2
    return int(Result.FAILED in results)


def _try(policy: Policy, entry: Entry) -> Trial:
    if entry.given is None:
        return Trial(entry.line, "", Result.UNREADABLE, fault=entry.fault)
    try:
        case = read_case(entry.given)
        facts, request = facts_of(case), request_of(case)
    except CaseInvalid as error:
        name = entry.given.get("id")
        id_ = name if isinstance(name, str) else ""
        return Trial(entry.line, id_, Result.UNREADABLE, fault=str(error))
    try:
        return _judged(entry.line, case, decide(policy, facts, request))
    except InvalidRequest as error:
        fault = f"{error.code}: {error}"
        return Trial(entry.line, case.id, Result.FAILED, case.is_inferred, fault=fault)


def _judged(line: int, case: Case, decision: Decision) -> Trial:
    scored = score(decision, case.expected)
    result = Result.FAILED if scored.differences else Result.PASSED
    return Trial(
        line=line,
        id=case.id,
        result=result if scored.compared else Result.NOT_SCORED,
        is_inferred=case.is_inferred,
        why=str(case.expected.get("why") or ""),
        score=scored,
        decision=decision,
    )
