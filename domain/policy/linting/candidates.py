"""Values at which conditions may turn: on each boundary, before it and after it."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any

from domain.policy.clock.calendars import Calendar
from domain.policy.clock.deadlines import DEFAULT_CALENDAR
from domain.policy.clock.spans import Span, read_notice
from domain.policy.linting.situations import USUAL, Frame, From, span_told
from domain.policy.linting.walking import Atom
from domain.policy.reading.literals import read_literal
from domain.policy.vocabulary import Type

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
LONG = 400 * DAY

PARTS = {"weekday": Type.WEEKDAY, "month": Type.MONTH, "day": Type.DAY, "time": Type.CLOCK}


def constants(atoms: Iterable[Atom]) -> Iterator[Any]:
    """What the atoms compare with, those of a list or a range one by one."""
    for atom in atoms:
        if atom.bound == "known":
            continue
        yield from atom.value if isinstance(atom.value, (list, tuple)) else [atom.value]


def literals(type_: Type, atoms: Iterable[Atom]) -> list[Any]:
    """The constants of one type, each once; names of other facts are left out."""
    found = []
    for value in constants(atoms):
        try:
            read = read_literal(type_, value)
        except ValueError:
            continue
        if read not in found:
            found.append(read)
    return found


def spans(frame: Frame, atoms: Iterable[Atom]) -> Iterator[Span]:
    for value in constants(atoms):
        try:
            yield read_notice(value)
        except ValueError:
            told = span_told(frame, value) if isinstance(value, str) else None
            if told is not None:
                yield told


def moments(name: str, atoms: Sequence[Atom], frame: Frame, *, is_now_free: bool) -> list[Any]:
    """Ways to place a moment: each sets it, and where needed the instant of the request, or that of
    the order."""
    distances = [atom for atom in atoms if part_of(atom.name) is None and atom.name != name]
    targets = list(_targets(name, atoms, frame))
    if name == "now":
        return [{"now": target} for target in targets]
    leads = [atom for atom in distances if atom.name == "lead_time"]
    away = list(_away([atom for atom in distances if atom not in leads], frame))
    usual: list[From] = away or [_NEAR if leads else _usual(name)]
    ways = [{name: each} for each in usual]
    if leads:
        ways = list(_led(usual, [offset for _, offset in _away(leads, frame)]))
    if not targets:
        return _at_midnight(ways, atoms, frame, is_now_free) if away or leads else []
    if not is_now_free:
        return [*ways, *({name: target} for target in targets)]
    return [
        {**way, "now": target - way[name][1]}
        for way, target in product(ways, targets)
        if way[name][0] == "now"
    ]


def _at_midnight(
    ways: list[dict[str, Any]], atoms: Sequence[Atom], frame: Frame, is_now_free: bool
) -> list[dict[str, Any]]:
    """The same shortly before and after midnight too, where hours are told from days."""
    sorts = {_sort(span) for span in spans(frame, atoms)}
    if not is_now_free or "elapsed" not in sorts or len(sorts) == 1:
        return ways
    clocks = (time(0, 5), time(23, 55))
    late = [datetime.combine(frame.now.date(), clock, UTC) for clock in clocks]
    return [*ways, *({**way, "now": now} for now in late for way in ways)]


def is_mixed(atoms: Sequence[Atom], frame: Frame) -> bool:
    """Whether lengths are of several sorts of days, whose order depends on the day they begin."""
    found = {(_sort(span), str(span)) for span in spans(frame, atoms)}
    sorts = {sort for sort, _ in found} - {"elapsed"}
    return len(sorts) > 1 or ("weekday" in sorts and len(found) > 1)


def _sort(span: Span) -> str:
    if span.elapsed is not None:
        return "elapsed"
    if span.business_days is not None:
        return "business days"
    if span.weekday is not None:
        return "weekday"
    return "months" if span.months else "days"


_NEAR: From = ("now", timedelta(minutes=1))


def _led(starts: Iterable[From], leads: Sequence[timedelta]) -> Iterator[dict[str, From]]:
    """Starts with orders so long before them; none is placed after it is asked to be cancelled."""
    for (anchor, offset), lead in product(starts, leads):
        if lead >= offset:
            yield {"start": (anchor, offset), "placed": ("start", -lead)}


def part_of(name: str) -> str | None:
    """The part of a moment that a name asks for, such as its weekday."""
    part = name.rpartition(".")[2]
    return part if part in PARTS and "." in name else None


def _usual(name: str) -> From:
    return USUAL.get(name, ("now", -3 * DAY))


def _away(atoms: Sequence[Atom], frame: Frame) -> Iterator[From]:
    """Distances from another moment: those the atoms name, a very short and a very long one."""
    seen: list[From] = []
    for each in {atom.name: None for atom in atoms}:
        way = -1 if each.startswith("since.") else 1
        anchor = "start" if each == "length" else "now"
        own = [atom for atom in atoms if atom.name == each]
        seen += [(anchor, 60 * SECOND * way), (anchor, LONG * way)]
        for span in spans(frame, own):
            seen += [(anchor, offset) for offset in offsets(span, way, frame)]
    yield from dict.fromkeys(seen)


def offsets(span: Span, way: int, frame: Frame) -> list[timedelta]:
    """About where a span ends, counted from the usual instant of the request."""
    if span.elapsed is not None:
        return [way * span.elapsed + shift for shift in (-SECOND, timedelta(), SECOND)]
    if span.business_days is not None:
        calendar = frame.document.business_days or DEFAULT_CALENDAR
        days = _business_days(span.business_days, way, frame.now.date(), calendar)
    elif span.weekday is not None:
        days = list(range(7 * (span.weeks or 0), 7 * (span.weeks or 0) + 15))
    elif span.months:
        about = round(30.44 * span.months)
        days = list(range(about - 3, about + 4))
    else:
        days = [span.days - 1, span.days, span.days + 1]
    return [timedelta(days=way * each) for each in days]


def _business_days(count: int, way: int, today: date, calendar: Calendar) -> list[int]:
    move = calendar.add if way == 1 else calendar.subtract
    days = set()
    for each in (max(0, count - 1), count, count + 1):
        away = abs((move(today, each) - today).days)
        days |= {away - 1, away, away + 1}
    return sorted(days)


def _targets(name: str, atoms: Sequence[Atom], frame: Frame) -> Iterator[datetime]:
    """Instants on the calendar around what the atoms name."""
    dates: list[date] = []
    clocks: list[time] = []
    for atom in atoms:
        if atom.name == name:
            for moment in literals(Type.MOMENT, [atom]):
                yield from _around(moment, frame.now.timetz())
        elif part := part_of(atom.name):
            more = literals(PARTS[part], [atom])
            if part == "time":
                clocks += [clock for each in more for clock in _clocks(each)]
            else:
                dates += _dates(part, more, frame.now.date())
    if dates or clocks:
        days = dict.fromkeys(dates or [frame.now.date()])
        for day, clock in product(days, dict.fromkeys(clocks or [frame.now.time()])):
            yield datetime.combine(day, clock, UTC)


def _around(moment: date | datetime, clock: time) -> Iterator[datetime]:
    if isinstance(moment, datetime):
        yield from (moment.astimezone(UTC) + shift for shift in (-SECOND, 0 * SECOND, SECOND))
    else:
        yield from (datetime.combine(moment + n * DAY, clock) for n in (-1, 0, 1))


def _dates(part: str, wanted: Sequence[Any], today: date) -> list[date]:
    if part == "weekday":
        return [today + n * DAY for n in range(7)]
    if part == "month":
        return [date(today.year + 1, month, 15) for month in range(1, 13)]
    near = [date(2028, month, day) + n * DAY for month, day in wanted for n in (-1, 0, 1)]
    return sorted(near)


def _clocks(clock: time) -> list[time]:
    at = datetime.combine(date(2026, 1, 2), clock)
    return [(at + n * timedelta(minutes=1)).time() for n in (-1, 0, 1)]
