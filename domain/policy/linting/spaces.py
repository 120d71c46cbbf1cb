"""Situations of several measures together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from math import prod

from domain.policy.linting.measures import Measure
from domain.policy.linting.situations import Frame, Values, look_at
from domain.policy.look import Look

Point = tuple[int, ...]
"""Which option of each measure."""


@dataclass(frozen=True)
class Space:
    """All combinations of these measures' options. `is_complete`: no other would tell more; `given`
    holds in all of them."""

    frame: Frame
    measures: tuple[Measure, ...]
    is_complete: bool
    given: Values = field(default_factory=dict)
    _looks: dict[Point, Look] = field(default_factory=dict)

    def points(self, *, likely: bool = False) -> Iterator[Point]:
        """In order, or first those in which most of the tests hold."""
        if likely:
            return product(*(measure.likely for measure in self.measures))
        return product(*(range(len(measure.options)) for measure in self.measures))

    def look(self, point: Point) -> Look:
        if point not in self._looks:
            values = dict(self.given)
            for measure, place in zip(self.measures, point, strict=True):
                values |= measure.options[place].values
            self._looks[point] = look_at(self.frame, values)
        return self._looks[point]


def space(frame: Frame, wanted: Sequence[Measure], most: int) -> Space:
    """Of the measures wanted, as many of the first as make no more than `most` combinations."""
    chosen: list[Measure] = []
    for measure in wanted:
        if prod(len(each.options) for each in (*chosen, measure)) <= most:
            chosen.append(measure)
    is_complete = len(chosen) == len(wanted) and all(each.is_complete for each in chosen)
    return Space(frame, tuple(chosen), is_complete)
