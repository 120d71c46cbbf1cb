"""How terms change with time, in words."""

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.decisions import Change, Decision, LineAmount, Outcome
from notifications.curve import curve, curve_sentence
from notifications.speaker import Speaker

HALF, NONE = datetime(2026, 5, 8, 8, tzinfo=UTC), datetime(2026, 5, 9, 8, tzinfo=UTC)
CHANGES = (
    Change(at=HALF, outcome=Outcome.ALLOWED, refund_minor=2_500, fee_minor=2_500),
    Change(at=NONE, outcome=Outcome.DECLINED),
)


def decided(**parts: Any) -> Decision:
    known = {"outcome": Outcome.ALLOWED, "refund_minor": 5_000, "next_changes": CHANGES}
    return Decision(rule="rules[0]", currency="EUR", **known | parts)


def speaker(language: str = "en-GB", **parts: Any) -> Speaker:
    return Speaker(language, "appointment", "EUR", zone="Europe/Berlin", **parts)


def test_the_whole_curve_is_one_sentence() -> None:
    assert curve_sentence(decided(), speaker()) == (
        "Free of charge until Friday, 8 May 2026, 10:00 (Central European Summer Time); "
        "then for a fee of €25.00 (50%) until "
        "Saturday, 9 May 2026, 10:00 (Central European Summer Time); "
        "after that it can't be cancelled any more."
    )


def test_in_german_with_both_zones_where_clocks_differ() -> None:
    told = curve(decided(), speaker("de", customer_zone="America/New_York"))
    assert told[0].startswith("kostenlos bis Freitag, 8. Mai 2026, 10:00 Uhr (Mittel")
    assert "bei Ihnen 04:00" in told[0]
    assert told[1].startswith("dann für eine Gebühr von 25,00\xa0€ (50\xa0%) bis Samstag")
    assert told[2] == "danach ist es nicht mehr möglich"


def test_what_is_past_is_left_out_and_its_terms_hold_now() -> None:
    later = datetime(2026, 5, 8, 9, tzinfo=UTC)
    told = curve(decided(), speaker(), later)
    assert len(told) == 2
    assert told[0].startswith("for a fee of €25.00 (50%) until Saturday")
    assert curve(decided(), speaker(), datetime(2026, 5, 10, tzinfo=UTC)) == []


def test_where_nothing_changes_nothing_is_told() -> None:
    assert curve_sentence(decided(next_changes=()), speaker()) == ""


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"outcome": Outcome.NEEDS_APPROVAL}, "only if a person agrees, free of charge until"),
        ({"outcome": Outcome.HAND_OVER}, "as a person decides until"),
        ({"refund_minor": 0, "fee_minor": 5_000}, "for a fee of €50.00 until"),
        ({"refund_minor": 4_001, "fee_minor": 999}, "for a fee of €9.99 until"),
    ],
)
def test_each_kind_of_terms_has_words(parts: dict[str, Any], told: str) -> None:
    assert curve(decided(**parts), speaker())[0].startswith(told)


def test_a_long_curve_is_cut_and_says_so() -> None:
    many = tuple(
        Change(at=HALF.replace(day=day), outcome=Outcome.ALLOWED, refund_minor=5_000 - day,
               fee_minor=day)
        for day in range(1, 29)
    )  # fmt: skip
    told = curve(decided(next_changes=many), speaker())
    assert len(told) == 7
    assert told[-1] == "then with further changes"


LINES = tuple(
    LineAmount(id=id_, quantity=1, price_minor=1_000, fee_minor=0, refund_minor=1_000)
    for id_ in ("mug", "course", "jug")
)
TITLES = {"mug": "Mug, blue", "course": "Clay workshop", "jug": "Jug"}


@pytest.mark.parametrize(
    ("left", "told"),
    [
        (("mug",), "then only “Mug, blue”, free of charge"),
        (("mug", "jug"), "then without “Clay workshop”, free of charge"),
        (("jug", "unknown"), "then only “Jug”, free of charge"),
    ],
)
def test_what_only_some_lines_may_still_do_is_told_of_them(
    left: tuple[str, ...], told: str
) -> None:
    change = Change(at=HALF, outcome=Outcome.ALLOWED, refund_minor=1_000, lines=left)
    decision = decided(lines=LINES, refund_minor=3_000, next_changes=(change,))
    knows = speaker()
    knows.titles = TITLES
    assert curve(decision, knows)[1] == told
    assert curve(decision, speaker())[1] == "then only part of it, free of charge"


def test_neighbours_that_are_told_alike_are_one() -> None:
    changes = (
        Change(at=HALF, outcome=Outcome.ALLOWED, refund_minor=4_000),
        Change(at=NONE, outcome=Outcome.DECLINED),
    )
    told = curve(decided(next_changes=changes), speaker())
    assert [sentence.partition(",")[0] for sentence in told] == [
        "free of charge until Saturday",
        "after that it can't be cancelled any more",
    ]
