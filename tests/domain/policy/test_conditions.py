"""Each kind of test a condition may make, and what a missing fact does to several of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.decisions import Decision, Outcome
from domain.facts import CustomerFacts, Facts
from domain.policy.decide import decide
from domain.requests import Initiator, Request
from domain.subjects import LineKind
from tests.domain.factories import NOW, START, a_line, a_policy, a_request, an_appointment, an_order

HOUR = timedelta(hours=1)
FACTS = {
    "attributes.guests": "number",
    "attributes.fare": "text",
    "attributes.member": "boolean",
    "attributes.price_minor": "money",
    "attributes.delivered": "moment",
    "attributes.open": {"type": "text", "default": "yes"},
    "settings.window": {"type": "span", "unit": "hours"},
    "settings.least": "number",
    "settings.limit": "money",
    "settings.until": "moment",
    "consents.waived": "boolean",
    "evidence.note": "boolean",
    "customer.grade": "text",
    "customer.no_shows_this_year": "number",
    "line.attributes.colour": "text",
    "attributes.seat.row": "number",
}
ORDER = an_order(
    a_line(quantity=3, category="Books", component="base", person="ann", sku="b-1"),
    attributes={"guests": 4, "fare": "Saver", "member": True, "price_minor": "25.00 EUR"},
    settings={"window": 48, "least": 4, "limit": 2_500},
)


def decision(when: Any, facts: Facts = ORDER, request: Request | None = None) -> Decision:
    """By a policy that keeps everything where the condition holds, and nothing elsewhere."""
    rules = [{"when": when, "keep": "everything"}, {"keep": "nothing"}]
    return decide(a_policy(facts=FACTS, rules=rules), facts, request or a_request())


def holds(when: Any, facts: Facts = ORDER, request: Request | None = None) -> bool | str:
    """Whether it does; where nobody knows, why."""
    found = decision(when, facts, request)
    return found.codes[0].code if found.outcome is Outcome.HAND_OVER else found.fee_minor > 0


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"quantity": 3}, True),
        ({"quantity": {"is": 3}}, True),
        ({"quantity": {"not": 3}}, False),
        ({"quantity": [1, 3]}, True),
        ({"quantity": {"not": [1, 3]}}, False),
        ({"quantity": {"under": 3}}, False),
        ({"quantity": {"at_most": 3}}, True),
        ({"quantity": {"at_least": 3}}, True),
        ({"quantity": {"over": 3}}, False),
        ({"quantity": {"over": 2, "under": 4}}, True),
        ({"quantity": {"between": [3, 5]}}, True),
        ({"quantity": {"between": [4, 5]}}, False),
        ({"attributes.guests": {"at_least": "settings.least"}}, True),
        ({"attributes.guests": {"over": "settings.least"}}, False),
        ({"price": {"over": "29.99 EUR"}}, True),
        ({"price": {"over": "30.00 EUR"}}, False),
        ({"price": {"over": "settings.limit"}}, True),
        ({"attributes.price_minor": "25.00 EUR"}, True),
        ({"line.unit_price": "10.00 EUR"}, True),
        ({"line.price": {"between": ["30.00 EUR", "31.00 EUR"]}}, True),
        ({"attributes.fare": "saver "}, True),
        ({"attributes.fare": {"not": ["saver", "flex"]}}, False),
        ({"line.category": "books"}, True),
        ({"line.component": ["base", "tax"]}, True),
        ({"line.person": "ann"}, True),
        ({"line.sku": "B-1"}, True),
        ({"line.kind": "goods"}, True),
        ({"line.quantity": 3}, True),
        ({"kind": "order"}, True),
        ({"currency": "eur"}, True),
        ({"initiator": {"not": "business"}}, True),
        ({"attributes.member": True}, True),
        ({"attributes.member": False}, False),
        ({"whole": True}, True),
        ({"reason": {"known": False}}, True),
        ({"reason": "late"}, False),
        ({"reason": {"not": "late"}}, True),
        ({"attributes.fare": {"known": True}}, True),
        ({"settings.until": {"known": True}}, False),
        ({"line.status": {"known": False}}, True),
        ({"attributes.open": "yes"}, True),
        ({"reschedules": 0}, True),
        ({"total": "30.00 EUR", "paid": "30.00 EUR"}, True),
        ({"any": [{"quantity": 1}, {"quantity": 3}]}, True),
        ({"all": [{"quantity": 3}, {"quantity": 1}]}, False),
        ({"not": {"quantity": 1}}, True),
        ({"not": {"any": [{"quantity": 1}, {"not": {"quantity": 3}}]}}, True),
        ({"cel": "quantity == 3.0 && attributes.fare == 'Saver'"}, True),
        ({"cel": "price > 5000.0"}, False),
    ],
)
def test_a_test_holds_or_does_not(when: dict[str, Any], expected: bool) -> None:
    assert holds(when) is expected


@pytest.mark.parametrize(
    ("group", "told", "when"),
    [
        ("consents", {"waived": True}, {"consents.waived": True}),
        ("attributes", {"seat": {"row": 3}}, {"attributes.seat.row": 3}),
        ("customer", CustomerFacts(no_shows_this_year=2),
         {"customer.no_shows_this_year": {"at_least": 2}}),
        ("customer", CustomerFacts(attributes={"grade": "gold"}), {"customer.grade": "gold"}),
    ],
)  # fmt: skip
def test_a_fact_may_be_told_of_anything(group: str, told: Any, when: dict[str, Any]) -> None:
    assert holds(when, ORDER.model_copy(update={group: told})) is True


def test_a_fact_may_be_told_of_a_line_or_with_the_request() -> None:
    red = an_order(a_line(attributes={"colour": "red"}))
    assert holds({"line.attributes.colour": "red"}, red) is True
    shown = a_request(evidence={"note": True})
    assert holds({"evidence.note": True}, request=shown) is True


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({}, "fact_missing"),
        ({"guests": "four"}, "fact_unreadable"),
        ({"guests": True}, "fact_unreadable"),
        ({"guests": None}, "fact_missing"),
        ({"guests": float("nan")}, "fact_unreadable"),
    ],
)
def test_a_fact_that_is_not_told_or_not_readable_is_a_question(
    told: dict[str, Any], code: str
) -> None:
    facts = an_order(attributes=told)
    assert holds({"attributes.guests": {"over": 3}}, facts) == code
    assert decision({"attributes.guests": 4}, facts).codes[0].params == {
        "name": "attributes.guests"
    }


UNKNOWN = {"attributes.guests": {"over": 3}}
YES, NO = {"quantity": 1}, {"quantity": 2}


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({**UNKNOWN, **YES}, "fact_missing"),
        ({**UNKNOWN, **NO}, False),
        ({"all": [UNKNOWN, NO]}, False),
        ({"all": [NO, UNKNOWN]}, False),
        ({"any": [UNKNOWN, YES]}, True),
        ({"any": [YES, UNKNOWN]}, True),
        ({"any": [UNKNOWN, NO]}, "fact_missing"),
        ({"not": UNKNOWN}, "fact_missing"),
        ({"not": {"all": [UNKNOWN, NO]}}, True),
        ({"any": [{"all": [UNKNOWN, YES]}, {"not": NO}]}, True),
        ({"attributes.guests": {"known": False}}, True),
    ],
)
def test_a_missing_fact_matters_only_where_it_decides(when: Any, expected: object) -> None:
    assert holds(when, an_order()) == expected


def test_a_missing_fact_of_a_later_rule_is_not_asked_for() -> None:
    rules = [{"when": YES, "keep": "10%"}, {"when": UNKNOWN, "keep": "everything"}]
    assert decide(a_policy(facts=FACTS, rules=rules), an_order(), a_request()).fee_minor == 100
    asked = decide(a_policy(facts=FACTS, rules=rules[::-1]), an_order(), a_request())
    assert asked.outcome is Outcome.HAND_OVER


@pytest.mark.parametrize(
    ("bound", "minutes", "expected"),
    [
        ("under", 0, False), ("under", 1, True),
        ("at_most", 0, True), ("at_most", -1, False),
        ("at_least", 0, True), ("at_least", 1, False),
        ("over", 0, False), ("over", -1, True),
    ],
)  # fmt: skip
def test_exactly_on_a_boundary_is_at_least_and_at_most(
    bound: str, minutes: int, expected: bool
) -> None:
    late = timedelta(minutes=minutes)
    before = a_request(requested_at=START - 48 * HOUR + late)
    assert holds({"notice": {bound: "48h"}}, an_appointment(), before) is expected
    assert holds({"until.start": {bound: "48h"}}, an_appointment(), before) is expected
    setting = an_appointment(settings={"window": 48})
    assert holds({"notice": {bound: "settings.window"}}, setting, before) is expected
    since = a_request(requested_at=NOW + 48 * HOUR - late)
    assert holds({"since.placed": {bound: "48h"}}, request=since) is expected


@pytest.mark.parametrize(
    ("span", "edge"),
    [
        ("2d", "2026-05-08T23:59:59.999999+02:00"),
        ("1d 18:00", "2026-05-09T18:00:00+02:00"),
        ("1w", "2026-05-03T23:59:59.999999+02:00"),
        ("1mo", "2026-04-10T23:59:59.999999+02:00"),
        ("2bd", "2026-05-07T23:59:59.999999+02:00"),
        ("fri 12:00", "2026-05-08T12:00:00+02:00"),
        ("0d", "2026-05-10T23:59:59.999999+02:00"),
    ],
)
def test_notice_is_measured_in_the_places_own_time(span: str, edge: str) -> None:
    """The start is a Sunday noon in Berlin."""
    last = datetime.fromisoformat(edge)
    when = {"notice": {"at_least": span}, "since.start": {"at_most": "24h"}}
    assert holds(when, an_appointment(), a_request(requested_at=last)) is True
    after = a_request(requested_at=last + timedelta(microseconds=1))
    assert holds(when, an_appointment(), after) in (False, "already_started")


@pytest.mark.parametrize(
    ("span", "edge"),
    [
        ("0d", "2026-05-04T23:59:59.999999+02:00"),
        ("3d", "2026-05-07T23:59:59.999999+02:00"),
        ("5bd", "2026-05-11T23:59:59.999999+02:00"),
        ("1mo", "2026-06-04T23:59:59.999999+02:00"),
        ("1d 09:00", "2026-05-05T09:00:00+02:00"),
    ],
)
def test_a_period_since_an_event_runs_to_the_end_of_its_last_day(span: str, edge: str) -> None:
    """It was placed on a Monday noon in Berlin."""
    last = datetime.fromisoformat(edge)
    assert holds({"since.placed": {"at_most": span}}, request=a_request(requested_at=last)) is True
    late = a_request(requested_at=last + timedelta(microseconds=1))
    assert holds({"since.placed": {"at_most": span}}, request=late) is False


def test_a_period_may_run_from_a_fact_of_the_merchants() -> None:
    delivered = an_order(attributes={"delivered": "2026-05-01T09:00:00Z"})
    assert holds({"since.attributes.delivered": {"at_most": "3d"}}, delivered) is True
    assert holds({"since.attributes.delivered": {"at_most": "2d"}}, delivered) is False
    assert holds({"since.attributes.delivered": {"at_most": "2d"}}) == "fact_missing"
    parcel = an_order(delivered_at=NOW - 14 * 24 * HOUR)
    assert holds({"since.delivered": {"at_most": "14d"}}, parcel) is True
    assert holds({"since.delivered": {"at_most": "14d"}}) == "delivered_at_missing"
    coming = an_order(settings={"until": "2026-05-06"})
    assert holds({"until.settings.until": {"at_least": "2d"}}, coming) is True
    assert holds({"until.settings.until": {"at_least": "3d"}}, coming) is False


def test_lead_time_and_length_are_told_by_the_subject_alone() -> None:
    stay = an_appointment(ends_at=START + 72 * HOUR)
    for at in (NOW, START - HOUR):
        request = a_request(requested_at=at)
        assert holds({"lead_time": {"at_least": "144h"}}, stay, request) is True
        assert holds({"lead_time": {"over": "6d"}}, stay, request) is False
        assert holds({"length": {"at_least": "3d"}}, stay, request) is True
        assert holds({"length": {"over": "72h"}}, stay, request) is False
    assert holds({"length": {"over": "72h"}}, an_appointment()) == "ends_at_missing"


def test_a_start_that_was_moved_keeps_the_notice_it_had() -> None:
    moved = an_appointment(original_starts_at=NOW + HOUR, reschedules=1)
    assert holds({"until.original_start": {"under": "24h"}}, moved) is True
    assert holds({"until.original_start": {"under": "24h"}}, an_appointment()) is False


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ({"now": {"under": "2026-05-04"}}, False),
        ({"now": {"at_most": "2026-05-04"}}, True),
        ({"now": {"at_least": "2026-05-04"}}, True),
        ({"now": {"over": "2026-05-04"}}, False),
        ({"now": {"between": ["2026-05-01", "2026-05-04"]}}, True),
        ({"now": {"under": "2026-05-04T12:00:00+02:00"}}, False),
        ({"now": {"at_most": "2026-05-04T10:00:00Z"}}, True),
        ({"start": {"at_least": "2026-05-10", "under": "2026-05-11"}}, True),
        ({"placed": {"under": "2026-05-05"}}, True),
        ({"placed": {"under": "start"}}, True),
        ({"now": {"over": "settings.until"}}, "fact_missing"),
        ({"start.weekday": "sunday"}, True),
        ({"start.weekday": ["sat", "sun"]}, True),
        ({"start.weekday": {"between": ["fri", "mon"]}}, True),
        ({"start.weekday": {"between": ["mon", "fri"]}}, False),
        ({"now.weekday": "mon"}, True),
        ({"start.month": "may"}, True),
        ({"start.month": {"between": [11, 4]}}, False),
        ({"start.month": [4, 5]}, True),
        ({"start.day": {"between": ["05-01", "09-30"]}}, True),
        ({"start.day": {"between": ["12-20", "05-09"]}}, False),
        ({"start.day": "05-10"}, True),
        ({"start.time": {"at_least": "12:00"}}, True),
        ({"start.time": {"under": "12:00"}}, False),
        ({"start.time": {"between": ["22:00", "12:00"]}}, True),
        ({"now.time": {"under": "12:01"}}, True),
    ],
)
def test_dates_weekdays_months_and_times_are_those_of_the_place(
    when: dict[str, Any], expected: object
) -> None:
    """Now is Monday 4 May, noon in Berlin; the start Sunday 10 May, noon."""
    assert holds(when, an_appointment()) == expected


def test_another_place_has_another_day() -> None:
    late = a_request(requested_at=datetime(2026, 5, 4, 23, tzinfo=UTC))
    for zone, day in (("UTC", "2026-05-04"), ("Asia/Tokyo", "2026-05-05")):
        facts = an_appointment(zone=zone)
        assert holds({"now": {"at_least": day, "at_most": day}}, facts, late) is True


def test_a_weekday_of_a_day_without_time_is_known_and_its_time_is_not() -> None:
    facts = an_appointment(starts_at=date(2026, 5, 10))
    assert holds({"start.weekday": "sun"}, facts) is True
    assert holds({"start.time": {"under": "12:00"}}, facts) == "start_time_missing"


@pytest.mark.parametrize(
    ("stage", "when", "expected"),
    [
        ("open", {"stage": "open"}, True),
        ("Confirmed", {"stage": "open"}, True),
        ("packed", {"stage": ["open", "in_progress"]}, True),
        ("packed", {"stage": {"not": "open"}}, True),
        ("label_printed", {"stage": "label_printed"}, True),
        ("open", {"not": {"stage": "label_printed"}}, True),
        ("nobody_knows", {"stage": "open"}, "stage_unknown"),
        ("nobody_knows", {"stage": {"is": ["nobody_knows"]}}, True),
    ],
)
def test_a_stage_is_a_word_or_what_it_means(stage: str, when: Any, expected: object) -> None:
    assert holds(when, an_order(stage=stage)) == expected


def test_persons_are_counted_where_lines_name_them() -> None:
    family = an_order(*(a_line(name, person=name) for name in ("ann", "bob", "cem")))
    assert holds({"persons": 3}, family) is True
    assert holds({"persons": 2}, family, a_request(("ann", 1), ("cem", 1))) is True
    assert holds({"persons": 2}, an_order()) == "persons_missing"


def test_who_cancels_and_by_which_method_may_matter() -> None:
    by_agent = a_request(initiator=Initiator.AGENT, method="voucher")
    assert holds({"initiator": "agent", "method": "voucher"}, request=by_agent) is True
    assert holds({"initiator": "customer", "method": {"known": False}}) is True


def test_a_part_is_not_the_whole() -> None:
    two = an_order(a_line(), a_line("b", kind=LineKind.SERVICE, starts_at=START))
    assert holds({"whole": False}, two, a_request(("a", 1))) is True
    assert holds({"whole": False}, two) is False


def test_an_expression_that_fails_is_a_question_and_never_a_yes() -> None:
    assert holds({"cel": "attributes.guests / reschedules > 1.0"}) == "expression_failed"
    found = decision({"cel": "[true][int(quantity)]"})
    assert (found.outcome, found.codes[0].code) == (Outcome.HAND_OVER, "expression_failed")
