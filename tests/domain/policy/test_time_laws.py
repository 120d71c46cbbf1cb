"""What holds of time whatever the place, and whatever its clocks do that day."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import assume, given
from hypothesis import strategies as st

from domain.decisions import Outcome
from domain.facts import Facts
from domain.policy.decide import decide
from domain.policy.policy import Policy
from tests.domain.factories import a_policy, a_request, an_appointment
from tests.domain.policy.documents import STARTS, ZONES, documents, instants, orders

NOTHING: dict[str, Any] = {"keep": "nothing"}
MINUTES = st.integers(0, 12 * 24 * 60).map(lambda minutes: timedelta(minutes=minutes))
CUTS = st.lists(st.integers(0, 100), min_size=2, max_size=4).map(sorted)
SPANS = {
    "hours": ["2h", "24h", "72h", "168h"],
    "days": ["0d", "1d", "3d", "1w"],
    "clock": ["0d 09:00", "0d 06:00", "1d 18:00", "3d 12:00"],
    "business": ["0bd", "1bd", "3bd", "5bd"],
}


def fee(policy: Policy, facts: Facts, at: datetime) -> int:
    return decide(policy, facts, a_request(requested_at=at)).fee_minor


def ordered(kind: str, cuts: list[int]) -> list[dict[str, Any]]:
    """The less notice, the more is kept."""
    spans = SPANS[kind][: len(cuts)]
    return [
        {"when": {"notice": {"under": span}}, "keep": f"{cut}%"}
        for span, cut in zip(spans, reversed(cuts), strict=True)
    ]


@given(st.sampled_from(sorted(SPANS)), CUTS, STARTS, ZONES, MINUTES, MINUTES)
def test_the_refund_never_rises_as_notice_falls_where_rules_are_ordered(
    kind: str, cuts: list[int], start: datetime, zone: str, one: timedelta, other: timedelta
) -> None:
    policy = a_policy(rules=[*ordered(kind, cuts), NOTHING])
    facts = an_appointment(starts_at=start, zone=zone)
    early, late = sorted((start - one, start - other))
    assert fee(policy, facts, early) <= fee(policy, facts, late)


@given(CUTS, STARTS, ZONES, MINUTES)
def test_a_table_says_what_ordered_rules_say(
    cuts: list[int], start: datetime, zone: str, notice: timedelta
) -> None:
    spans = SPANS["days"][: len(cuts)]
    rules = [
        {"when": {"notice": {"at_least": span}}, "keep": f"{cut}%"}
        for span, cut in zip(reversed(spans), cuts, strict=True)
    ]
    rows = [[rule["when"]["notice"]["at_least"], rule["keep"]] for rule in rules]  # type: ignore[index]
    table = a_policy(rules=[{"keep": {"table": {"down": "notice", "rows": rows}}}])
    facts = an_appointment(starts_at=start, zone=zone)
    assert fee(table, facts, start - notice) == fee(a_policy(rules=rules), facts, start - notice)


@given(st.data(), documents(), orders(is_paid=False), ZONES)
def test_the_zone_that_a_request_is_written_in_does_not_matter(
    data: st.DataObject, document: dict[str, Any], facts: Facts, zone: str
) -> None:
    policy, at = a_policy(**document), data.draw(instants(facts))
    there = at.astimezone(ZoneInfo(zone))
    here, again = (decide(policy, facts, a_request(requested_at=each)) for each in (at, there))
    assert here.model_copy(update={"decided_at": None}) == again.model_copy(
        update={"decided_at": None}
    )


@given(CUTS, STARTS, ZONES, MINUTES)
def test_elapsed_hours_are_the_same_at_every_place(
    cuts: list[int], start: datetime, zone: str, notice: timedelta
) -> None:
    policy = a_policy(rules=[*ordered("hours", cuts), NOTHING])
    fees = {
        fee(policy, an_appointment(starts_at=start, zone=each), start - notice)
        for each in (zone, "UTC")
    }
    assert len(fees) == 1


@given(CUTS, STARTS, ZONES, MINUTES, MINUTES)
def test_where_days_are_counted_all_of_a_day_is_alike(
    cuts: list[int], start: datetime, zone: str, one: timedelta, other: timedelta
) -> None:
    first, second = start - one, start - other
    there = ZoneInfo(zone)
    assume(first.astimezone(there).date() == second.astimezone(there).date())
    facts = an_appointment(starts_at=start, zone=zone)
    for kind in ("days", "business"):
        policy = a_policy(rules=[*ordered(kind, cuts), NOTHING])
        assert fee(policy, facts, first) == fee(policy, facts, second)


@given(STARTS, ZONES, st.integers(1, 9), st.sampled_from(["00:30", "02:30", "18:00"]))
def test_a_cutoff_by_the_clock_is_at_that_time_on_that_day(
    start: datetime, zone: str, days: int, at: str
) -> None:
    rules = [{"when": {"notice": {"under": f"{days}d {at}"}}, "refuse": "too_late"}, NOTHING]
    facts = an_appointment(starts_at=start, zone=zone)
    begin = a_request(requested_at=start - timedelta(days=20))
    until = decide(a_policy(rules=rules), facts, begin).cancellable_until
    assert until is not None
    local, there = until.astimezone(ZoneInfo(zone)), start.astimezone(ZoneInfo(zone))
    assert (there.date() - local.date()).days == days
    assert local.strftime("%H:%M") == at or not _exists(local.date(), at, zone)


def _exists(day: date, at: str, zone: str) -> bool:
    local = datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=ZoneInfo(zone))
    back = local.astimezone(UTC).astimezone(ZoneInfo(zone))
    return back.replace(tzinfo=None) == local.replace(tzinfo=None)


@given(STARTS, ZONES, st.integers(0, 9))
def test_a_day_ends_at_midnight_there_however_long_it_is(
    start: datetime, zone: str, days: int
) -> None:
    rules = [{"when": {"since.placed": {"over": f"{days}d"}}, "refuse": "window_over"}]
    facts = an_appointment(
        placed_at=start - timedelta(days=4), starts_at=start + timedelta(days=30), zone=zone
    )
    asked = a_request(requested_at=start - timedelta(days=4))
    until = decide(a_policy(rules=rules), facts, asked).cancellable_until
    assert until is not None
    after = (until + timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
    placed = (start - timedelta(days=4)).astimezone(ZoneInfo(zone)).date()
    assert after.date() == placed + timedelta(days=days + 1)
    assert (after.hour, after.minute) in ((0, 0), (1, 0))


def used_up(count: int) -> Facts:
    start = datetime(2026, 3, 27, 12, tzinfo=UTC)
    return an_appointment(starts_at=start, ends_at=start + timedelta(days=count))


@given(st.integers(1, 14), MINUTES, MINUTES)
def test_what_is_kept_of_a_stay_that_has_begun_is_foretold_day_by_day(
    nights: int, one: timedelta, other: timedelta
) -> None:
    facts = used_up(nights)
    assert isinstance(facts.starts_at, datetime)
    rules = [{"when": {"since.start": {"over": "0m"}}, "keep": "everything", "of": "used"}, NOTHING]
    policy = a_policy(rules=rules)
    now, later = sorted((facts.starts_at + one, facts.starts_at + other))
    foretold = decide(policy, facts, a_request(requested_at=now))
    assert foretold.outcome is Outcome.ALLOWED
    kept = foretold.fee_minor
    for change in foretold.next_changes:
        if change.at < later:
            kept = change.fee_minor or 0
    assert fee(policy, facts, later) == kept
