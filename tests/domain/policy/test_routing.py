from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.decisions import Decision, Outcome
from domain.facts import Facts
from domain.policy.decide import decide
from domain.requests import Initiator
from domain.subjects import LineKind
from tests.domain.factories import START, a_line, a_policy, a_request, an_appointment

HOUR = timedelta(hours=1)
NOTHING: dict[str, Any] = {"keep": "nothing"}
ALL: dict[str, Any] = {"keep": "everything"}
NO_SHOW: dict[str, Any] = {"when": {"stage": "no_show"}, **ALL}
BY_SIX: list[dict[str, Any]] = [{"when": {"notice": {"under": "0d 18:00"}}, "keep": "50%"}, NOTHING]
SERVICE: dict[str, Any] = {"kind": LineKind.SERVICE}


def fee(rules: list[dict[str, Any]], facts: Facts, at: datetime) -> int | str:
    """The fee of whoever cancels then, or why there is none."""
    decision = _at(rules, facts, at)
    return decision.fee_minor if decision.outcome is Outcome.ALLOWED else decision.codes[0].code


def _at(rules: list[dict[str, Any]], facts: Facts, at: datetime, **asked: Any) -> Decision:
    return decide(a_policy(rules=rules), facts, a_request(requested_at=at, **asked))


@pytest.mark.parametrize("word", ["no_show", "No-Show", "no show", " NO_SHOW"])
def test_a_stage_is_known_however_its_words_are_joined(word: str) -> None:
    assert fee([NO_SHOW], an_appointment(stage=word), START + HOUR) == 1_000


def test_a_deadline_by_the_clock_may_lie_after_the_start() -> None:
    """Guests may check in from noon at the place, and cancel free of charge until 18:00."""
    facts = an_appointment()
    six = datetime(2026, 5, 10, 16, 0, tzinfo=UTC)
    assert fee(BY_SIX, facts, six) == 0
    assert fee(BY_SIX, facts, six + HOUR) == 500
    assert fee([NOTHING], facts, six) == "already_started"
    business = _at(BY_SIX, facts, six, initiator=Initiator.BUSINESS)
    assert (business.outcome, business.fee_minor) == (Outcome.ALLOWED, 0)


def test_on_the_day_itself_a_deadline_by_the_clock_decides_where_no_time_is_known() -> None:
    facts = an_appointment(starts_at=date(2026, 5, 10))
    six = datetime(2026, 5, 10, 16, 0, tzinfo=UTC)
    assert fee(BY_SIX, facts, six) == 0
    assert fee(BY_SIX, facts, six + HOUR) == 500


def test_the_last_rule_holds_on_the_day_itself_where_days_are_counted() -> None:
    facts = an_appointment(starts_at=date(2026, 5, 10))
    week = [{"when": {"notice": {"at_least": "7d"}}, **NOTHING}, ALL]
    assert fee(week, facts, datetime(2026, 5, 10, 16, 0, tzinfo=UTC)) == 1_000
    assert fee([ALL], facts, datetime(2026, 5, 10, 16, 0, tzinfo=UTC)) == "start_time_missing"


def test_a_table_by_time_since_the_start_reaches_beyond_it() -> None:
    ramp = {"down": "since.start", "rows": [["2w", "0%"], ["1w", "50%"], ["0d", "75%"]]}
    rules = [{"return": {"table": ramp}}]
    assert fee(rules, an_appointment(), START + 24 * HOUR) == 250
    assert fee(rules, an_appointment(), START + 8 * 24 * HOUR) == 500


def test_a_charge_that_names_a_stage_reaches_it() -> None:
    rules = [{"keep": {"first": [NO_SHOW, {"keep": "25%"}]}}]
    assert fee(rules, an_appointment(stage="no_show"), START + HOUR) == 1_000
    assert fee(rules, an_appointment(), START - HOUR) == 250


def test_what_tells_lines_alone_apart_holds_after_the_end_too_where_anything_does() -> None:
    facts = an_appointment(
        a_line(**SERVICE), a_line("b", 300, category="tax", **SERVICE), stage="no_show"
    )
    tax = {"when": {"line.category": "tax"}, **NOTHING}
    assert fee([tax, NO_SHOW], facts, START + HOUR) == 1_000
    assert fee([NO_SHOW, tax], facts, START + HOUR) == 1_300
    assert fee([tax, NOTHING], facts, START + HOUR) == "already_finished"


def test_hours_before_a_day_are_sure_where_all_its_times_agree() -> None:
    facts = an_appointment(starts_at=date(2026, 5, 10), zone="UTC")
    rules = [{"when": {"notice": {"under": "24h"}}, **ALL}, NOTHING]
    midnight = datetime(2026, 5, 10, tzinfo=UTC)
    assert fee(rules, facts, midnight - 24 * HOUR) == 0
    assert fee(rules, facts, midnight - 23 * HOUR) == "start_time_missing"


def test_a_length_between_two_days_is_counted_in_days() -> None:
    stay = an_appointment(starts_at=date(2026, 5, 10), ends_at=date(2026, 6, 7))
    rules = [{"when": {"length": {"at_least": "28d"}}, **ALL}, NOTHING]
    assert fee(rules, stay, START - 72 * HOUR) == 1_000
    shorter = stay.model_copy(update={"ends_at": date(2026, 6, 6)})
    assert fee(rules, shorter, START - 72 * HOUR) == 0


def test_an_open_stage_is_not_beyond_the_start() -> None:
    rules = [{"when": {"stage": "paid"}, "keep": "10%"}]
    assert fee(rules, an_appointment(stage="paid"), START) == 100
    assert fee(rules, an_appointment(stage="paid"), START + HOUR) == "already_started"
    rules = [{"when": {"stage": "driver_waiting"}, "keep": "10%"}]
    assert fee(rules, an_appointment(stage="driver_waiting"), START + HOUR) == 100


def test_a_line_s_own_stage_is_beyond_its_start() -> None:
    flown = a_line(**SERVICE, status="flown", starts_at=START)
    ahead = a_line("b", **SERVICE, starts_at=START + 24 * HOUR)
    rules = [{"when": {"line.status": "flown", "reason": {"known": False}}, **ALL}, {"keep": "10%"}]
    assert fee(rules, an_appointment(flown, ahead, stage="part_used"), START + HOUR) == 1_100


@pytest.mark.parametrize(
    ("deadline", "code"), [("1d 18:00", "already_started"), ("0d 18:00", "late_fee")]
)
def test_past_a_day_only_a_deadline_on_it_may_lie_after_the_start(deadline: str, code: str) -> None:
    policy = a_policy(
        rules=[{"when": {"notice": {"under": deadline}}, "keep": "50%"}, {"keep": "nothing"}]
    )
    facts = an_appointment(starts_at=date(2026, 5, 10))
    late = decide(policy, facts, a_request(requested_at=datetime(2026, 5, 12, 9, tzinfo=UTC)))
    assert late.codes[0].code == code
