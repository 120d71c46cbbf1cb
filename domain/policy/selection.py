"""The lines and quantities that a request is about."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from domain.errors import LineNotFound, QuantityTooHigh
from domain.facts import Facts
from domain.policy.look import EXTRAS
from domain.policy.policy import Policy
from domain.policy.stages import Meaning
from domain.requests import Request
from domain.subjects import Kind, Line, LineKind

THING = "subject"
"""Stands for a subject that has no lines."""

_THINGS = {Kind.ORDER: LineKind.GOODS, Kind.APPOINTMENT: LineKind.SERVICE}
_OVER = (Meaning.FINISHED, Meaning.CANCELLED)


class Part(NamedTuple):
    """Units of one line: those cancelled before and those asked for now, with their prices."""

    line: Line
    before: int
    units: int
    price_before: int
    price: int


class Selection(NamedTuple):
    """Every line of which anything is or was asked for.

    `gone` names lines asked for that are cancelled already, `early` shipping and fees asked for
    although other lines stay, `whole` whether nothing stays, `is_first` whether nothing was
    cancelled before, so that the parts are those asked for.
    """

    parts: tuple[Part, ...]
    asked: tuple[Part, ...]
    gone: tuple[str, ...] = ()
    early: tuple[str, ...] = ()
    whole: bool = True
    is_first: bool = True


def select(
    policy: Policy,
    facts: Facts,
    request: Request,
    paid: int,
    refused: Collection[str] = (),
) -> Selection:
    """Find what is asked for. Nothing named means everything still open, by its own status too,
    less the `refused` lines; a subject without lines is one thing, at the price that was `paid`.

    Shipping and fees come along when nothing else stays. Raises LineNotFound, and QuantityTooHigh
    for more than is open.
    """
    if not facts.lines and not request.lines:
        thing = Line(id=THING, kind=_THINGS[facts.kind], unit_price_minor=paid)
        part = Part(thing, 0, 1, 0, paid)
        return Selection((part,), (part,))
    open_lines = [x for x in facts.lines if x.id not in refused and _is_open(policy, x)]
    if request.lines:
        counts = _named(facts, request)
    else:
        counts = {line.id: line.quantity_open for line in open_lines}
    core = [line for line in facts.lines if line.kind not in EXTRAS]
    early: list[str] = []
    if core and _stays(core, counts):
        early = _held_back(facts, request, counts)
    elif core and request.lines:
        for line in open_lines:
            if line.kind in EXTRAS:
                counts.setdefault(line.id, line.quantity_open)
    return _selection(facts, counts, early)


def _stays(lines: Sequence[Line], counts: Mapping[str, int]) -> bool:
    """Whether anything of these lines stays that is open."""
    return any(counts.get(line.id, 0) != line.quantity_open for line in lines)


def _held_back(facts: Facts, request: Request, counts: dict[str, int]) -> list[str]:
    """Leave shipping and fees where other lines stay, and name those asked for all the same."""
    extras = [line.id for line in facts.lines if line.kind in EXTRAS]
    held = [line_id for line_id in extras if counts.pop(line_id, 0)]
    return held if request.lines else []


def _named(facts: Facts, request: Request) -> dict[str, int]:
    lines = {line.id: line for line in facts.lines}
    counts: dict[str, int] = {}
    for wanted in request.lines:
        counts[wanted.id] = counts.get(wanted.id, 0) + wanted.quantity
    for line_id, count in counts.items():
        line = lines.get(line_id)
        if line is None:
            raise LineNotFound(f"there is no line {line_id}")
        if line.quantity_open == 0 and count <= line.quantity:
            counts[line_id] = 0
        elif count > line.quantity_open:
            raise QuantityTooHigh(f"line {line_id} has {line.quantity_open} left, not {count}")
    return counts


def _is_open(policy: Policy, line: Line) -> bool:
    """Whether "everything still open" includes this line. One whose status nobody knows does: it is
    asked about; so does a finished one that a rule names."""
    if line.quantity_open == 0:
        return False
    if line.status is None or policy.meaning(line.status) not in _OVER:
        return True
    return any(policy.is_stage(line.status, rule.stages) for rule in policy.rules if rule.node)


def _selection(facts: Facts, counts: Mapping[str, int], early: Sequence[str]) -> Selection:
    parts, asked = [], []
    whole = is_first = True
    for line in facts.lines:
        before, count = line.quantity_cancelled, counts.get(line.id, 0)
        if before or count:
            part = Part(line, before, count, _price(line, 0, before), _price(line, before, count))
            parts.append(part)
            if count:
                asked.append(part)
        if before:
            is_first = False
        if before + count < line.quantity:
            whole = False
    gone = [line_id for line_id, count in counts.items() if not count]
    return Selection(tuple(parts), tuple(asked), tuple(gone), tuple(early), whole, is_first)


def _price(line: Line, first: int, count: int) -> int:
    if not count:
        return 0
    return line.total_minor if count == line.quantity else line.price_of(first, count)
