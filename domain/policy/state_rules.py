"""What holds whatever the policy says: nothing is cancelled twice, nor once it is over."""

from collections.abc import Iterator

from domain.decisions import Outcome
from domain.lifecycle import SubjectState
from domain.policy.policy import Rule
from domain.policy.selection import Part
from domain.policy.situation import Bound, Ruling, Situation
from domain.policy.stages import Meaning
from domain.subjects import Line
from domain.values import Attributes

_NO, _ASK = Outcome.DECLINED, Outcome.HAND_OVER


def judge(s: Situation) -> Iterator[Ruling]:
    """Look at state alone, whatever the clock says; what binds everybody comes first."""
    found = list(_still_there(s))
    yield from found
    if s.bound is Bound.NONE or any(ruling.code == "already_cancelled" for ruling in found):
        return
    yield from _stage(s)
    for part in s.selection.asked:
        yield from _line_stage(s, part)


def names_stage(s: Situation, rule: Rule) -> bool:
    """Whether a rule's condition names the stage that the subject is in."""
    return bool(rule.stages) and s.policy.is_stage(s.facts.stage, rule.stages)


def names_late_stage(s: Situation, line: Line, rule: Rule) -> bool:
    """Whether it names the stage that the subject or the line is in, and not merely as open."""
    words = (word for word in (s.facts.stage, line.status) if word is not None)
    return bool(rule.stages) and any(
        s.policy.is_stage(word, rule.stages) and not s.policy.is_plainly_open(word)
        for word in words
    )


def is_finished(s: Situation) -> bool:
    return s.policy.meaning(s.facts.stage) is Meaning.FINISHED


def _still_there(s: Situation) -> Iterator[Ruling]:
    facts, selection = s.facts, s.selection
    means = s.policy.meaning(facts.stage)
    if facts.state is SubjectState.CANCELLED or means is Meaning.CANCELLED:
        yield Ruling("built_in.state", _NO, "already_cancelled")
        return
    if selection.gone:
        lines = list(selection.gone)
        yield Ruling("built_in.lines", _NO, "line_already_cancelled", {"lines": lines})
    if selection.early:
        lines = list(selection.early)
        yield Ruling("built_in.lines", _NO, "line_goes_last", {"lines": lines})
    if not selection.asked and not selection.gone and not selection.early:
        yield Ruling("built_in.lines", _NO, "nothing_left")


def _stage(s: Situation) -> Iterator[Ruling]:
    """A finished subject is refused unless a rule that charges names its stage."""
    params: Attributes = {"stage": s.facts.stage}
    if s.policy.meaning(s.facts.stage) is None:
        yield Ruling("stages", _ASK, "stage_unknown", params)
    elif is_finished(s) and not any(names_stage(s, r) for r in s.policy.rules if not r.refuse):
        yield Ruling("built_in.finished", _NO, "already_finished", params)


def _line_stage(s: Situation, part: Part) -> Iterator[Ruling]:
    status = part.line.status
    if status is None:
        return
    means = s.policy.meaning(status)
    params: Attributes = {"lines": [part.line.id], "status": status}
    if means is None:
        yield Ruling("stages", _ASK, "line_stage_unknown", {"status": status})
    elif means is Meaning.CANCELLED:
        yield Ruling("built_in.lines", _NO, "line_already_cancelled", params)
    elif means is Meaning.FINISHED and not any(
        s.policy.is_stage(status, rule.stages) for rule in s.policy.rules
    ):
        yield Ruling("built_in.finished", _NO, "line_finished", params)
