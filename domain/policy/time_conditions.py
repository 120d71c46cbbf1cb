"""Conditions on time, and the moments at which they turn."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

from domain.policy.clock.deadlines import (
    TICK,
    FactMissing,
    after,
    before,
    day_of,
    end_of_day,
    first_after,
    first_before,
    instant,
    start_of_day,
)
from domain.policy.clock.spans import Span
from domain.policy.conditions import Comparison, order
from domain.policy.look import Get, Look
from domain.policy.vocabulary import Name
from domain.values import Attributes, Moment

_STANDING = ("lead_time", "length")
"""Distances that the clock doesn't change."""


class Distance:
    """A time between two moments against a span, which may be a fact of the merchant's.

    `bound` is under, over, at_least or at_most; exactly on a boundary is at least and at most.
    """

    def __init__(self, text: str, name: Name, bound: str, span: Callable[[Look], Span]) -> None:
        assert name.here is not None
        self.text = text
        self.names = frozenset((text,))
        self.is_timed = text not in _STANDING
        self._far = name.get
        self._here = name.here
        self._span = span
        self._bound = bound
        self._is_since = name.is_since
        is_last = (bound in ("at_least", "under")) is not name.is_since
        table = {(False, True): before, (False, False): first_before,
                 (True, True): after, (True, False): first_after}  # fmt: skip
        self._edge = table[name.is_since, is_last]
        self._is_last = is_last
        self._is_yes_till_edge = bound in (
            ("at_most", "under") if name.is_since else ("at_least", "over")
        )

    def edge(self, look: Look) -> datetime:
        """The instant at which the test turns."""
        far = self._far(look)
        return self._edges(look)[0] if isinstance(far, datetime) else self._turn(look, far)

    def last_call(self, look: Look) -> datetime | None:
        """The deadline where it is a time of day at the place, which may lie after the start."""
        return None if self._span(look).at is None else self.edge(look)

    def holds(self, look: Look) -> bool:
        """Of a day whose time nobody knows, only what is true at each of its times is sure."""
        edges, here = self._edges(look), self._here(look)
        if len(edges) == 1 and isinstance(here, datetime):
            return self._is_yes(edges[0], instant(here))
        heres = [instant(each) for each in _ends(here, look)]
        answers = {self._is_yes(edge, each) for edge in edges for each in heres}
        if len(answers) > 1:
            raise FactMissing("event_time_missing" if self._is_since else "start_time_missing")
        return answers.pop()

    def _edges(self, look: Look) -> Sequence[datetime]:
        """Where it turns; two of a day. No clock moves them, so each line's are worked out once."""
        s, line = look.together.s, look.item.line
        edges = s.edges.get((self, line.id))
        if edges is None:
            edges = [self._turn(look, far) for far in _ends(self._far(look), look)]
            s.edges[self, line.id] = edges
        return edges

    def _turn(self, look: Look, far: Moment) -> datetime:
        s = look.s
        return self._edge(far, self._span(look), s.facts.zone, s.calendar(look))

    def _is_yes(self, edge: datetime, here: datetime) -> bool:
        is_till = here <= edge if self._is_last else here < edge
        return is_till is self._is_yes_till_edge

    def moments(self, look: Look) -> Iterator[datetime]:
        if not self.is_timed:
            return
        try:
            edges = self._edges(look)
        except FactMissing:
            return
        for edge in edges:
            yield edge if self._is_last else edge - TICK

    def params(self, look: Look) -> Attributes:
        try:
            until = self.edge(look)
        except FactMissing:
            return {}
        return {"notice": str(self._span(look)), "until": until.isoformat()}


def _ends(moment: Moment, look: Look) -> Sequence[datetime]:
    """An instant, or the first and the last one of a day."""
    if isinstance(moment, datetime):
        return (moment,)
    zone = look.s.facts.zone
    return start_of_day(day_of(moment, zone), zone), end_of_day(moment, zone)


class Calendar:
    """A moment against dates or instants of the calendar, by day where only the day is given."""

    def __init__(self, text: str, get: Get, bound: str, edge: Callable[[Look], Moment]) -> None:
        self.text = text
        self.names = frozenset((text,))
        self.is_timed = text == "now"
        self._get = get
        self._bound = bound
        self._edge = edge

    def holds(self, look: Look) -> bool:
        value, edge, zone = self._get(look), self._edge(look), look.s.facts.zone
        if isinstance(edge, datetime):
            return order(self._bound)(instant(value), instant(edge))
        return order(self._bound)(day_of(value, zone), edge)

    def moments(self, look: Look) -> Iterator[datetime]:
        if not self.is_timed:
            return
        try:
            edge, zone = self._edge(look), look.s.facts.zone
        except FactMissing:
            return
        if isinstance(edge, datetime):
            yield instant(edge) - TICK
            yield instant(edge)
        else:
            yield end_of_day(edge - timedelta(days=1), zone)
            yield end_of_day(edge, zone)

    def params(self, look: Look) -> Attributes:
        try:
            return {"until": self._edge(look).isoformat()} if self.text == "now" else {}
        except FactMissing:
            return {}


class Recurring(Comparison):
    """A weekday, a month, a time of day. Those of the request itself turn again and again.

    `clocks` are the times of day at which it may turn, besides midnight.
    """

    def __init__(
        self, text: str, get: Get, fits: Callable[[Any, Look], bool], clocks: Sequence[time] = ()
    ) -> None:
        super().__init__(text, get, fits)
        self._clocks = clocks
        self.is_timed = text.startswith("now.")

    def moments(self, look: Look) -> Iterator[datetime]:
        if not self.is_timed or look.together.at is None:
            return
        zone = look.s.facts.zone
        today = day_of(look.now, zone)
        for ahead in range(DAYS_FORESEEN):
            day = today + timedelta(days=ahead)
            yield end_of_day(day, zone)
            for clock in self._clocks:
                turn = datetime.combine(day, clock, look.s.zone)
                yield turn.astimezone(UTC) - TICK
                yield turn.astimezone(UTC)


DAYS_FORESEEN = 31
"""How far what changes daily is foretold."""
