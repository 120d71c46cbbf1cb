"""What the command line says of decisions."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.facts import Facts
from domain.policy.decide import decide
from domain.policy.reading.policies import parse_policy
from domain.requests import Request
from domain.subjects import Handling, Kind, Line, LineKind, Tender
from runtime.telling import quote, words
from runtime.telling.speaking import NOWHERE, Setting

START = datetime(2026, 7, 10, 8, tzinfo=UTC)
NOW = START - timedelta(days=3)
SALON: dict[str, Any] = {
    "id": "salon",
    "title": "Salon",
    "rules": [
        {"when": {"notice": {"under": "1h"}}, "refuse": "too_late"},
        {"when": {"notice": {"under": "24h"}}, "keep": "50%"},
        {"keep": "nothing"},
    ],
}
BERLIN = Setting(ZoneInfo("Europe/Berlin"), "America/New_York")


def answer(before: timedelta, paid: int = 5_000, **parts: Any) -> dict[str, Any]:
    """What the API answers to a request for a quote."""
    line = Line(id="1", sku="cut", kind=LineKind.SERVICE, quantity=1, unit_price_minor=5_000)
    tender = Tender(id="1", method="card", handling=Handling.PROVIDER, captured_minor=paid)
    facts = Facts(
        kind=Kind.APPOINTMENT, stage="booked", placed_at=NOW, starts_at=START,
        zone="Europe/Berlin", currency="EUR", lines=(line,), tenders=(tender,),
    )  # fmt: skip
    policy = parse_policy(SALON | parts)
    decision = decide(policy, facts, Request(requested_at=START - before), version=3)
    return {
        "id": "q1",
        "subject": {"kind": "appointment", "id": "7"},
        "decision": decision.model_dump(mode="json"),
        "expires_at": NOW.isoformat(),
    }


def told(found: Mapping[str, Any], setting: Setting = NOWHERE) -> str:
    return "\n".join(quote.lines(found, setting))


def test_a_quote_tells_the_whole_curve_with_both_zones() -> None:
    assert (
        "Free of charge until Thu 09 Jul 2026 10:00 CEST (Thu 09 Jul 2026 04:00 EDT where the "
        "customer is); then for a fee of €25.00 (50%) until Fri 10 Jul 2026 09:00 CEST "
        "(Fri 10 Jul 2026 03:00 EDT where the customer is); after that it can't be cancelled any "
        "more."
    ) in told(answer(timedelta(days=2)), BERLIN)


def test_where_clocks_agree_one_zone_is_named() -> None:
    text = told(answer(timedelta(days=2)), Setting(ZoneInfo("Europe/Berlin"), "Europe/Paris"))
    assert "where the customer is" not in text


def test_a_no_is_told_in_the_words_of_the_policy() -> None:
    found = answer(timedelta(minutes=5))
    assert "The request came too late: cancelling was possible until Fri" in told(found, BERLIN)
    own = BERLIN._replace(sentences={"too_late": {"en": "The chair is taken."}})
    assert "  The chair is taken." in told(found, own)


def test_the_trace_names_policy_version_and_each_rule_with_what_it_said() -> None:
    lines = list(quote.traced(answer(timedelta(hours=2), approval={}), BERLIN))
    assert lines[0] == "How it was decided, by policy salon, version 3"
    assert lines[1].startswith("  rules[1]  late_fee: After Thu 09 Jul 2026 10:00 CEST")
    assert lines[1].endswith("a fee of €25.00 applies.")
    assert lines[2].startswith("  approval  approval_always: The policy wants a person")


def _rows(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Names with their amounts; what goes back to each tender comes after them."""
    for line in lines:
        if not line.startswith("  €"):
            name, _, text = line.strip().partition("  ")
            yield name, text.strip()


def _cents(text: str) -> int:
    return round(float(text.replace("€", "")) * 100)


@pytest.mark.parametrize("paid", [5_000, 2_000, 0])
def test_amounts_add_up_whatever_was_paid(paid: int) -> None:
    decision = answer(timedelta(hours=2), paid)["decision"]
    cents = {name: _cents(text) for name, text in _rows(words.amounts(decision))}
    put_in = cents.get("paid", cents["price"]) + cents.get("still to be paid", 0)
    assert put_in == cents["fee"] + cents["goes back"]
    assert ("paid" in cents) is (paid != 5_000)


def test_what_is_taken_off_for_a_lost_discount_is_told_and_counted() -> None:
    found = answer(timedelta(days=2))
    params = {"promotion": "a third visit free", "amount_minor": 1_500}
    lost = {"code": "discount_lost", "amount_minor": -1_500, "params": {}}
    (line,) = found["decision"]["lines"]
    found["decision"] |= {
        "codes": [{"code": "discount_lost", "params": params}],
        "lines": [line | {"adjustments": [lost]}],
        "refund_minor": 3_500,
    }
    text = told(found)
    assert "What stays no longer earns a third visit free: €15.00 is taken off." in text
    cents = {name: _cents(money) for name, money in _rows(words.amounts(found["decision"]))}
    assert (cents["price"], cents["goes back"], "paid" in cents) == (5_000, 3_500, False)
    assert cents["adjustments"] == -1_500


def test_a_subject_without_lines_has_a_price_too() -> None:
    decision = answer(timedelta(hours=2))["decision"] | {"lines": []}
    assert "  price      €50.00" in list(words.amounts(decision))
