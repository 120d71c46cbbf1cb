"""Which situations two policies answer differently."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from domain.decisions import Decision, Outcome
from domain.errors import RescindError
from domain.policy.answer import Answer
from domain.policy.decide import decide, judge
from domain.policy.examples.examples import Example, examples
from domain.policy.policy import Policy

SHOWN = 6


class Difference(NamedTuple):
    """A situation with both answers."""

    example: Example
    old: Decision
    new: Decision


class Comparison(NamedTuple):
    """How many situations were tried and how many differ, with a few of the most different."""

    tried: int
    differing: int
    shown: tuple[Difference, ...]


class _Found(NamedTuple):
    example: Example
    weight: tuple[bool, int]
    sort: tuple[str, ...]


def compare(old: Policy, new: Policy, *, most: int = SHOWN) -> Comparison:
    """Try both on examples made for them. Outcome, refund, fee and what is due count."""
    tried, found = 0, []
    for example in examples((old, new)):
        try:
            answers = [judge(policy, example.facts, example.request) for policy in (old, new)]
        except RescindError:
            continue
        tried += 1
        if _terms(answers[0]) != _terms(answers[1]):
            found.append(_found(example, *answers))
    shown = tuple(
        Difference(
            each.example,
            decide(old, each.example.facts, each.example.request),
            decide(new, each.example.facts, each.example.request),
        )
        for each in _most_different(found, most)
    )
    return Comparison(tried, len(found), shown)


def _terms(answer: Answer) -> tuple[Outcome, int, int, int]:
    amounts = answer.amounts
    return answer.outcome, amounts.refund, amounts.fee, amounts.due


def _found(example: Example, old: Answer, new: Answer) -> _Found:
    before, after = _terms(old), _terms(new)
    apart = sum(abs(a - b) for a, b in zip(before[1:], after[1:], strict=True))
    sort = (old.outcome.value, new.outcome.value, *_rules(old), *_rules(new))
    return _Found(example, (before[0] is not after[0], apart), sort)


def _rules(answer: Answer) -> Iterator[str]:
    """What decided."""
    yield from sorted({ruling.rule for ruling in answer.deciding})
    yield from sorted({rule.rule for rule in answer.routes.values() if rule})


def _most_different(found: Iterable[_Found], most: int) -> list[_Found]:
    """The most different of each sort; plainer examples come first where they are alike."""
    best: dict[tuple[str, ...], _Found] = {}
    for each in found:
        known = best.get(each.sort)
        if known is None or each.weight > known.weight:
            best[each.sort] = each
    return sorted(best.values(), key=lambda each: each.weight, reverse=True)[:most]
