"""Many situations told as few: sets of options, one for each measure, that go together."""

from collections.abc import Collection, Iterator, Sequence
from itertools import product

from domain.policy.linting.labels import label
from domain.policy.linting.measures import Measure
from domain.policy.linting.spaces import Point

Cube = tuple[tuple[int, ...], ...]


def cubes(points: Collection[Point], measures: Sequence[Measure]) -> Iterator[Cube]:
    """Cover the points by cubes within them, each grown as far as it goes."""
    left, known = dict.fromkeys(points), frozenset(points)
    while left:
        cube = _grown(next(iter(left)), known, measures)
        yield cube
        for point in product(*cube):
            left.pop(point, None)


def words(cube: Cube, measures: Sequence[Measure]) -> str:
    """What the situations of a cube have in common."""
    parts = (label(each, places) for each, places in zip(measures, cube, strict=True))
    return "; ".join(part for part in parts if part)


def _grown(point: Point, known: Collection[Point], measures: Sequence[Measure]) -> Cube:
    cube: list[tuple[int, ...]] = [(place,) for place in point]
    for axis, measure in enumerate(measures):
        fitting = []
        for place in range(len(measure.options)):
            slab = [*cube[:axis], (place,), *cube[axis + 1 :]]
            if all(each in known for each in product(*slab)):
                fitting.append(place)
        cube[axis] = tuple(_next_to(point[axis], fitting))
    return tuple(cube)


def _next_to(place: int, fitting: Sequence[int]) -> list[int]:
    """Those that hang together with one of them."""
    low = high = place
    while low - 1 in fitting:
        low -= 1
    while high + 1 in fitting:
        high += 1
    return list(range(low, high + 1))
