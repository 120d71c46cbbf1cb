from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.decisions import Outcome
from domain.lifecycle import SubjectState
from domain.policy.clock.deadlines import TICK
from domain.policy.decide import decide
from domain.policy.horizon import Windows, windows
from domain.subjects import LineKind
from tests.domain.factories import (
    NOW,
    START,
    a_line,
    a_policy,
    a_request,
    an_appointment,
    an_order,
)

HOUR = timedelta(hours=1)
NOTHING = {"keep": "nothing"}


def refused_under(notice: str) -> dict[str, Any]:
    return {"when": {"notice": {"under": notice}}, "refuse": "too_late"}


def refused_after(period: str) -> dict[str, Any]:
    return {"when": {"since.placed": {"over": period}}, "refuse": "window_over"}


RULES = [
    refused_under("2h"),
    {"when": {"notice": {"under": "24h"}}, "keep": "50%"},
    {"when": {"notice": {"under": "48h"}}, "keep": "25%"},
    NOTHING,
]
POLICY = a_policy(rules=RULES)
LATE = {"when": {"since.start": {"over": "0m", "at_most": "15m"}}, "keep": "everything"}
END_OF_THE_SIXTH = datetime(2026, 5, 6, 22, tzinfo=UTC) - TICK


def test_every_later_change_is_told_with_its_terms() -> None:
    changes = decide(POLICY, an_appointment(), a_request()).next_changes
    assert [(c.at, c.outcome, c.refund_minor, c.fee_minor) for c in changes] == [
        (START - 48 * HOUR, Outcome.ALLOWED, 750, 250),
        (START - 24 * HOUR, Outcome.ALLOWED, 500, 500),
        (START - 2 * HOUR, Outcome.DECLINED, None, None),
    ]


def test_a_change_at_this_very_moment_still_lies_ahead() -> None:
    request = a_request(requested_at=START - 24 * HOUR)
    decision = decide(POLICY, an_appointment(), request)
    assert decision.fee_minor == 250
    assert decision.next_changes[0].at == START - 24 * HOUR


def test_a_change_names_the_lines_that_can_still_go() -> None:
    late = {"when": {"line.kind": "service", "notice": {"under": "24h"}}, "refuse": "too_late"}
    course = a_line("course", kind=LineKind.SERVICE)
    order = an_order(a_line("mug"), course, starts_at=START)
    decision = decide(a_policy(rules=[late, NOTHING]), order, a_request())
    assert decision.line_ids == ("mug", "course")
    assert decision.next_changes[0].lines == ("mug",)


def test_needing_approval_is_a_change_too() -> None:
    policy = a_policy(approval={"when": {"notice": {"under": "24h"}}})
    changes = decide(policy, an_appointment(), a_request()).next_changes
    assert [(change.at, change.outcome) for change in changes] == [
        (START - 24 * HOUR, Outcome.NEEDS_APPROVAL),
        (START, Outcome.DECLINED),
    ]


def test_where_no_clock_runs_nothing_changes() -> None:
    decision = decide(a_policy(), an_order(), a_request())
    assert (decision.next_changes, decision.cancellable_until) == ((), None)


def test_the_day_of_a_civil_start_is_foretold_as_a_question() -> None:
    facts = an_appointment(starts_at=date(2026, 5, 10), zone="UTC")
    changes = decide(a_policy(), facts, a_request()).next_changes
    midnight = START.replace(hour=0)
    assert [(change.at + TICK, change.outcome) for change in changes] == [
        (midnight, Outcome.HAND_OVER),
        (midnight + 24 * HOUR, Outcome.DECLINED),
    ]


@pytest.mark.parametrize(
    ("rules", "until"),
    [
        ([], START),
        ([refused_under("24h"), NOTHING], START - 24 * HOUR),
        ([refused_after("1h"), refused_under("24h"), NOTHING], NOW + HOUR),
        ([refused_after("14d"), refused_under("24h"), NOTHING], START - 24 * HOUR),
        ([LATE, refused_under("24h"), NOTHING], START + HOUR / 4),
        ([{"when": {"since.start": {"over": "0m"}}, "keep": "everything"}, NOTHING], None),
        ([{"when": {"stage": "no_show"}, "keep": "everything"}, NOTHING], START),
        ([{"when": {"now": {"over": "2026-05-06"}}, "refuse": "season_over"}], END_OF_THE_SIXTH),
        ([{"when": {"since.placed": {"over": "2bd"}}, "refuse": "window_over"}], END_OF_THE_SIXTH),
    ],
)
def test_the_window_ends_at_the_first_cutoff(rules: list[dict[str, Any]], until: object) -> None:
    policy = a_policy(rules=rules)
    assert windows(policy, an_appointment(), NOW).cancellable_until == until
    assert decide(policy, an_appointment(), a_request()).cancellable_until == until


@pytest.mark.parametrize(
    ("now", "change"),
    [
        (START - 72 * HOUR, START - 48 * HOUR),
        (START - 48 * HOUR, START - 24 * HOUR),
        (START - 24 * HOUR, None),
    ],
)
def test_the_next_boundary_lies_after_now(now: Any, change: object) -> None:
    assert windows(POLICY, an_appointment(), now).terms_change_at == change


def test_a_mixed_order_stays_open_while_a_line_without_a_clock_does() -> None:
    service = a_line("s", kind=LineKind.SERVICE, starts_at=START)
    later = a_line("t", kind=LineKind.SERVICE, starts_at=START + 24 * HOUR)
    both = windows(POLICY, an_order(service, later), NOW)
    assert both == Windows(START + 22 * HOUR, START - 48 * HOUR)
    assert windows(POLICY, an_order(a_line(), service), NOW).cancellable_until is None
    asked = decide(POLICY, an_order(a_line(), service), a_request())
    assert asked.cancellable_until == START - 2 * HOUR


def test_a_cancelled_subject_has_no_windows() -> None:
    gone = an_appointment(state=SubjectState.CANCELLED)
    assert windows(POLICY, gone, NOW) == Windows()
    taken = a_line(kind=LineKind.SERVICE, quantity_cancelled=1)
    assert windows(POLICY, an_order(taken, a_line("b")), NOW) == Windows()


def test_hours_before_a_civil_date_are_a_question_where_its_time_decides() -> None:
    facts = an_appointment(starts_at=date(2026, 5, 10), zone="UTC")
    midnight = START.replace(hour=0)
    assert windows(POLICY, facts, NOW) == Windows(midnight + 22 * HOUR - TICK, midnight - 48 * HOUR)
    assert decide(POLICY, facts, a_request()).outcome is Outcome.ALLOWED
    asked = a_request(requested_at=midnight - 47 * HOUR)
    assert decide(POLICY, facts, asked).outcome is Outcome.HAND_OVER


def test_the_window_is_open_until_a_deadline_by_the_clock_that_lies_after_the_start() -> None:
    policy = a_policy(
        rules=[{"when": {"notice": {"under": "0d 18:00"}}, "refuse": "too_late"}, {"keep": "10%"}]
    )
    evening = START.replace(hour=16)
    assert windows(policy, an_appointment(), NOW).cancellable_until == evening
    assert decide(policy, an_appointment(), a_request()).cancellable_until == evening
    assert decide(policy, an_appointment(), a_request(requested_at=evening)).fee_minor == 100
