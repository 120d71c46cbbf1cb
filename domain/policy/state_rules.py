"""Rules of state: what may be cancelled as things stand, whatever the clock says."""

from collections.abc import Iterator

from domain.decisions import Outcome
from domain.lifecycle import SubjectState
from domain.policy.document import AfterStart
from domain.policy.situation import Bound, Ruling, Situation
from domain.policy.stages import Meaning, is_among, meaning
from domain.values import Attributes

_NO, _ASK, _YES = Outcome.DECLINED, Outcome.HAND_OVER, Outcome.ALLOWED


def judge(s: Situation) -> Iterator[Ruling]:
    """Look at every rule of state that binds this request, the ones that bind all first."""
    yield from _still_there(s)
    if s.bound is Bound.NONE:
        return
    yield from _stage(s)
    yield from _line_stages(s)
    if s.bound is Bound.ALL:
        yield from _scope(s)


def named_stage(s: Situation, rule: AfterStart) -> bool:
    """Whether an after-start rule names this very stage."""
    stage = s.facts.stage
    return bool(rule.stages) and is_among(stage, meaning(stage, s.policy.stages), rule.stages)


def _still_there(s: Situation) -> Iterator[Ruling]:
    facts, selection = s.facts, s.selection
    means = meaning(facts.stage, s.policy.stages)
    if facts.state is SubjectState.CANCELLED or means is Meaning.CANCELLED:
        yield Ruling("built_in.state", _NO, "already_cancelled")
        return
    if selection.gone:
        lines = list(selection.gone)
        yield Ruling("built_in.lines", _NO, "line_already_cancelled", {"lines": lines})
    if selection.early:
        lines = list(selection.early)
        yield Ruling("built_in.lines", _NO, "line_goes_last", {"lines": lines})
    if facts.lines and not selection.asked and not selection.gone and not selection.early:
        yield Ruling("built_in.lines", _NO, "nothing_left")
    if not facts.lines and s.held:
        yield Ruling("built_in.lines", _ASK, "lines_missing")


def _stage(s: Situation) -> Iterator[Ruling]:
    policy, stage = s.policy, s.facts.stage
    means = meaning(stage, policy.stages)
    params = {"stage": stage}
    if means is Meaning.CANCELLED:
        return
    is_named = any(named_stage(s, rule) for rule in policy.after_start)
    if is_named or stage in policy.only_stages:
        yield Ruling("only_stages", _YES, params=params)
    elif means is None:
        yield Ruling("stages", _ASK, "stage_unknown", params)
    elif policy.only_stages and s.bound is Bound.ALL and means.value not in policy.only_stages:
        code = "already_finished" if means is Meaning.FINISHED else "stage_not_cancellable"
        yield Ruling("only_stages", _NO, code, params | {"only": list(policy.only_stages)})
    elif means is Meaning.FINISHED:
        yield Ruling("built_in.finished", _NO, "already_finished", params)
    else:
        yield Ruling("only_stages" if policy.only_stages else "built_in.finished", _YES)


def _line_stages(s: Situation) -> Iterator[Ruling]:
    gate = s.policy.only_line_stages if s.bound is Bound.ALL else ()
    for part in s.selection.asked:
        status = part.line.status
        if status is None or status in gate:
            continue
        means = meaning(status, s.policy.stages)
        params: Attributes = {"lines": [part.line.id], "status": status}
        if means is None:
            yield Ruling("stages", _ASK, "line_stage_unknown", params)
        elif means is Meaning.CANCELLED:
            yield Ruling("built_in.lines", _NO, "line_already_cancelled", params)
        elif gate and means.value not in gate:
            yield Ruling("only_line_stages", _NO, "line_not_cancellable", params)
        elif means is Meaning.FINISHED and not gate:
            yield Ruling("built_in.finished", _NO, "line_finished", params)


def _scope(s: Situation) -> Iterator[Ruling]:
    policy = s.policy
    if policy.whole_only:
        outcome, code = (_YES, "passed") if s.selection.whole else (_NO, "whole_only")
        yield Ruling("whole_only", outcome, code)
    if policy.not_cancellable:
        kept = [
            part.line.id
            for part in s.selection.asked
            if part.line.category in policy.not_cancellable
        ]
        if kept:
            yield Ruling("not_cancellable", _NO, "line_not_cancellable", {"lines": kept})
        else:
            yield Ruling("not_cancellable", _YES)
