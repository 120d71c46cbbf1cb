"""What became of a policy's cases, for people and for programs."""

import json
import textwrap
from collections.abc import Iterator, Sequence
from typing import Any

import click

from domain.decisions import Decision
from runtime.policies.trials import Result, Trial, count

_WIDTH = 79
_INDENT = " " * 4
_COLOURS = {
    Result.PASSED: "green",
    Result.FAILED: "red",
    Result.NOT_SCORED: "yellow",
    Result.UNREADABLE: "red",
}


def lines(trials: Sequence[Trial]) -> Iterator[str]:
    """A line a case, more where it is wrong, and at last how many. Colours are for terminals."""
    for trial in trials:
        yield _head(trial)
        if trial.result in (Result.FAILED, Result.UNREADABLE):
            yield from _details(trial)
        if trial.score.unknown:
            yield from _wrapped(
                f"not compared, for nobody knows it: {', '.join(trial.score.unknown)}"
            )
    yield ""
    yield _summary(trials)


def as_json(policy_id: str, trials: Sequence[Trial]) -> str:
    summary = {result.value: n for result, n in _counts(trials, inferred=False)}
    inferred = {result.value: n for result, n in _counts(trials, inferred=True)}
    told = {
        "policy": policy_id,
        "summary": summary | {"inferred": inferred},
        "cases": [_object(trial) for trial in trials],
    }
    return json.dumps(told, indent=2, default=str)


def _counts(trials: Sequence[Trial], *, inferred: bool) -> Iterator[tuple[Result, int]]:
    counted = count(trials, inferred=inferred)
    for result in Result:
        if result is not Result.UNREADABLE or not inferred:
            yield result, counted[result]


def _head(trial: Trial) -> str:
    word = trial.result.value.replace("_", " ").ljust(len("unreadable"))
    name = trial.id or f"line {trial.line}"
    note = "  (inferred)" if trial.is_inferred else ""
    return f"{click.style(word, fg=_COLOURS[trial.result])}  {name}{note}"


def _details(trial: Trial) -> Iterator[str]:
    if trial.fault:
        yield from _wrapped(f"line {trial.line}: {trial.fault}")
        return
    width = max(len(each.field) for each in trial.score.differences)
    for each in trial.score.differences:
        ours, right = json.dumps(each.ours), json.dumps(each.right)
        yield from _wrapped(f"{each.field.ljust(width)}  ours {ours}, right {right}")
    if trial.decision:
        yield from _reasons(trial.decision)
    if trial.why:
        yield from _wrapped(f"the case says: {trial.why}")


def _reasons(decision: Decision) -> Iterator[str]:
    codes = ", ".join(finding.code for finding in decision.codes)
    yield from _wrapped(f"{decision.outcome} by {decision.rule}: {codes}")
    steps = [f"{step.rule} {step.result}" for step in decision.trace]
    yield from _wrapped(f"trace: {'; '.join(steps)}")


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT + "  ")


def _summary(trials: Sequence[Trial]) -> str:
    told = ", ".join(
        f"{n} {result.value.replace('_', ' ')}"
        for result, n in _counts(trials, inferred=False)
        if n or result is not Result.UNREADABLE
    )
    inferred = count(trials, inferred=True)
    if not inferred.total():
        return told
    return f"{told}; of {inferred.total()} inferred {inferred[Result.PASSED]} agree"


def _object(trial: Trial) -> dict[str, Any]:
    decision = trial.decision
    return {
        "id": trial.id,
        "line": trial.line,
        "result": trial.result,
        "inferred": trial.is_inferred,
        "compared": trial.score.compared,
        "not_compared": trial.score.unknown,
        "differences": [each._asdict() for each in trial.score.differences],
        "fault": trial.fault or None,
        "decision": decision
        and decision.model_dump(mode="json", include={"outcome", "rule", "codes", "trace"}),
    }
