"""What holds whatever the policy says: nothing is cancelled twice, nor once it is over."""

from domain.decisions import Outcome
from domain.lifecycle import SubjectState
from domain.policy.policy import Rule
from domain.policy.selection import Selection
from domain.policy.situation import Bound, Ruling, Situation
from domain.policy.stages import Meaning
from domain.subjects import Line
from domain.values import Attributes

_NO, _ASK = Outcome.DECLINED, Outcome.HAND_OVER


def judge(s: Situation) -> list[Ruling]:
    """Look at state alone, whatever the clock says; what binds everybody comes first."""
    means = s.policy.meaning(s.facts.stage)
    if s.facts.state is SubjectState.CANCELLED or means is Meaning.CANCELLED:
        return [Ruling("built_in.state", _NO, "already_cancelled")]
    found = _still_there(s.selection)
    if s.bound is Bound.NONE:
        return found
    if means is None or means is Meaning.FINISHED:
        found += _stage(s, means)
    for part in s.selection.asked:
        if part.line.status is not None:
            found += _line_stage(s, part.line, part.line.status)
    return found


def names_stage(s: Situation, rule: Rule) -> bool:
    """Whether a rule's condition names the stage that the subject is in."""
    return bool(rule.stages) and s.policy.is_stage(s.facts.stage, rule.stages)


def names_late_stage(s: Situation, line: Line, rule: Rule) -> bool:
    """Whether it names the stage that the subject or the line is in, and not merely as open."""
    if not rule.stages:
        return False
    words = (s.facts.stage,) if line.status is None else (s.facts.stage, line.status)
    return any(
        s.policy.is_stage(word, rule.stages) and not s.policy.is_plainly_open(word)
        for word in words
    )


def is_finished(s: Situation) -> bool:
    return s.policy.meaning(s.facts.stage) is Meaning.FINISHED


def _still_there(selection: Selection) -> list[Ruling]:
    found = []
    if selection.gone:
        lines = list(selection.gone)
        found.append(Ruling("built_in.lines", _NO, "line_already_cancelled", {"lines": lines}))
    if selection.early:
        lines = list(selection.early)
        found.append(Ruling("built_in.lines", _NO, "line_goes_last", {"lines": lines}))
    if not selection.asked and not found:
        found.append(Ruling("built_in.lines", _NO, "nothing_left"))
    return found


def _stage(s: Situation, means: Meaning | None) -> list[Ruling]:
    """A finished subject is refused unless a rule that charges names its stage."""
    params: Attributes = {"stage": s.facts.stage}
    if means is None:
        return [Ruling("stages", _ASK, "stage_unknown", params)]
    if any(names_stage(s, rule) for rule in s.policy.rules if not rule.refuse):
        return []
    return [Ruling("built_in.finished", _NO, "already_finished", params)]


def _line_stage(s: Situation, line: Line, status: str) -> list[Ruling]:
    means = s.policy.meaning(status)
    params: Attributes = {"lines": [line.id], "status": status}
    if means is None:
        return [Ruling("stages", _ASK, "line_stage_unknown", {"status": status})]
    if means is Meaning.CANCELLED:
        return [Ruling("built_in.lines", _NO, "line_already_cancelled", params)]
    if means is Meaning.FINISHED and not any(
        s.policy.is_stage(status, rule.stages) for rule in s.policy.rules
    ):
        return [Ruling("built_in.finished", _NO, "line_finished", params)]
    return []
