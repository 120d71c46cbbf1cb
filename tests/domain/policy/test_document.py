from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from domain.errors import PolicyInvalid
from domain.policy.reading.policies import parse_policy
from domain.policy.schema import json_schema
from domain.subjects import Stage
from tests.domain.cases import POLICIES, load_policy

LEAST = {"id": "p", "title": "P"}
NOTHING = {"keep": "nothing"}


def with_rule(**rule: Any) -> dict[str, Any]:
    return {**LEAST, "rules": [NOTHING, rule]}


def when(**condition: Any) -> dict[str, Any]:
    return {**LEAST, "rules": [{"when": condition, **NOTHING}]}


def problems(document: Mapping[str, Any]) -> list[tuple[str, str]]:
    with pytest.raises(PolicyInvalid) as error:
        parse_policy(document)
    return list(error.value.problems)


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"title": "P"}, "id"),
        ({**LEAST, "windows": []}, "windows"),
        ({**LEAST, "stages": {"packed": "nearly"}}, "stages.packed"),
        ({**LEAST, "undo": "1d"}, "undo"),
        ({**LEAST, "approval": {"within": "two hours"}}, "approval.within"),
        ({**LEAST, "forms": [{"timing": "5-7 days"}]}, "forms[0].timing"),
        (with_rule(keep="150"), "rules[1].keep"),
        (with_rule(keep="half"), "rules[1].keep"),
        (with_rule(keep="10.999 EUR"), "rules[1].keep"),
        (with_rule(keep="1.5 JPY"), "rules[1].keep"),
        (with_rule(keep="10%", refuse="no"), "rules[1]"),
        (with_rule(name="nameless"), "rules[1]"),
        (with_rule(keep={"sum": [NOTHING, {"keep": "soon"}]}), "rules[1].keep.sum[1].keep"),
        (with_rule(keep={"sum": [NOTHING], "best": [NOTHING]}), "rules[1].keep"),
        (with_rule(keep="10%", of={"first": 1, "next": 2}), "rules[1].of"),
        (with_rule(keep="10%", of={"fact": "attributes.x"}), "rules[1].of"),
        (with_rule(keep="1.00 EUR", per="moon"), "rules[1].per"),
        (with_rule(keep="1.00 EUR", per="line.category"), "rules[1].per"),
        (with_rule(keep="10%", at_most="lots"), "rules[1].at_most.keep"),
        (with_rule(keep="10%", rounding={"to": "0.00 EUR"}), "rules[1].rounding"),
        (with_rule(keep={"cel": "1 +"}), "rules[1].keep"),
        (with_rule(keep={"cel": "'much'"}), "rules[1].keep"),
        (with_rule(**{"return": {"sum": [NOTHING]}}), "rules[1]"),
        (when(notice={"under": "soon"}), "rules[0].when.notice"),
        (when(notice="24h"), "rules[0].when.notice"),
        (when(notice={}), "rules[0].when.notice"),
        (when(notice={"below": "24h"}), "rules[0].when.notice"),
        (when(notise={"under": "24h"}), "rules[0].when.notise"),
        (when(placed={"is": "2026-01-01"}), "rules[0].when.placed"),
        (when(now={"under": "2026-01-01T00:00"}), "rules[0].when.now"),
        (when(price={"over": 100}), "rules[0].when.price"),
        (when(price={"over": "line.quantity"}), "rules[0].when.price"),
        (when(reason=[]), "rules[0].when.reason"),
        (when(reason={"over": "a"}), "rules[0].when.reason"),
        (when(stage={"over": "a"}), "rules[0].when.stage"),
        (when(stage=[]), "rules[0].when.stage"),
        (when(**{"start.weekday": "funday"}), "rules[0].when.start.weekday"),
        (when(**{"start.month": 13}), "rules[0].when.start.month"),
        (when(**{"start.day": "02-30"}), "rules[0].when.start.day"),
        (when(**{"start.time": {"under": 1080}}), "rules[0].when.start.time"),
        (when(quantity={"between": [1, 2, 3]}), "rules[0].when.quantity"),
        (when(quantity={"known": "yes"}), "rules[0].when.quantity"),
        (when(fee={"over": "1.00 EUR"}), "rules[0].when.fee"),
        (when(any=[]), "rules[0].when.any"),
        (when(any=[{"reason": "a"}, {"what": 1}]), "rules[0].when.any[1].what"),
        (when(cel="stage"), "rules[0].when.cel"),
        (when(cel="nobody == 1"), "rules[0].when.cel"),
        (when(), "rules[0].when"),
        (when(**{"attributes.x": 1}), "rules[0].when.attributes.x"),
        ({**LEAST, "facts": {"x": "number"}}, "facts.x"),
        ({**LEAST, "facts": {"attributes.x": "figure"}}, "facts.attributes.x.type"),
        ({**LEAST, "facts": {"attributes.x": {"type": "span", "default": "soon"}}},
         "facts.attributes.x"),
        ({**LEAST, "usage": {"count": "attributes.x"}}, "usage"),
        ({**LEAST, "closed_from": "settings.days"}, "closed_from"),
        ({**LEAST, "business_days": {"workdays": []}}, "business_days.workdays"),
        ({**LEAST, "business_days": {"holidays": "Atlantis"}}, "business_days.holidays"),
        ({**LEAST, "currency": "EUR", "rules": [{"keep": "1.00 USD"}]}, "currency"),
        ({**LEAST, "rounding": {"to": "5 cents"}}, "rounding"),
        ({**LEAST, "checks": [{"when": {"fee": {"over": "1.00 EUR"}}}]}, "checks[0]"),
        ({**LEAST, "extends": "nowhere"}, "extends"),
    ],
)  # fmt: skip
def test_an_error_names_its_place_in_the_document(document: dict[str, Any], place: str) -> None:
    assert [where for where, _ in problems(document)] == [place]


@pytest.mark.parametrize(
    ("table", "text"),
    [
        ({"down": "notice", "rows": [["0d", "100%"], ["2d", "50%"]]}, "highest bound"),
        ({"down": "notice", "rows": [["2d"], ["0d", "50%"]]}, "a bound and 1 amounts"),
        ({"down": "notice", "across": "quantity", "columns": [5, 1],
          "rows": [["0d", "1%", "2%"]]}, "from low to high"),
        ({"down": "notice", "across": "quantity", "columns": [1, 5],
          "rows": [["0d", "1%"]]}, "a bound and 2 amounts"),
        ({"down": "notice", "across": "quantity", "rows": [["0d", "1%"]]}, "columns"),
        ({"down": "notice", "columns": [1], "rows": [["0d", "1%"]]}, "columns"),
        ({"down": "reason", "rows": [["illness", "1%"]]}, "compared by"),
        ({"down": "nothing_known", "rows": [["0d", "1%"]]}, "nothing is called"),
    ],
)  # fmt: skip
def test_a_table_out_of_order_or_shape_is_refused(table: dict[str, Any], text: str) -> None:
    [(place, said)] = problems(with_rule(keep={"table": table}))
    assert place.startswith("rules[1]")
    assert text in said


def test_every_error_is_told_at_once() -> None:
    found = problems({"id": "p", "undo": "soon"})
    assert [place for place, _ in found] == ["title", "undo"]
    document = {**LEAST, "rules": [{"when": {"wen": 1, "notice": 2}, "keep": "some"}]}
    places = [place for place, _ in problems(document)]
    assert places == ["rules[0].when.wen", "rules[0].when.notice", "rules[0].keep"]


def test_a_name_nobody_knows_is_answered_with_the_nearest_one() -> None:
    [(_, text)] = problems(when(notise={"under": "24h"}))
    assert "did you mean notice?" in text
    [(_, text)] = problems(when(**{"settings.window": {"known": True}}))
    assert "declare it under facts" in text


def test_a_document_says_what_the_merchants_words_mean() -> None:
    document = parse_policy({**LEAST, "stages": {"gebucht": "open"}, "undo": "1h"}).document
    assert (document.stages["gebucht"], document.undo) == (Stage.OPEN, timedelta(hours=1))


@pytest.mark.parametrize("name", sorted(path.stem for path in POLICIES.glob("*.yaml")))
def test_a_policy_written_out_reads_the_same(name: str) -> None:
    policy = load_policy(name)
    written = policy.document.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert parse_policy(written) == policy


def test_the_shape_is_published_as_a_schema() -> None:
    schema = json_schema()
    assert schema["additionalProperties"] is False
    assert "return" in schema["$defs"]["Rule"]["properties"]
    assert "notice" in schema["$defs"]["Condition"]["properties"]
    assert {"Fact", "Table", "Calendar"} <= set(schema["$defs"])


@pytest.mark.parametrize(
    ("part", "place"),
    [
        ({"title": "a" * 10_001}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"facts": {"attributes.x": {"type": "list", "default": [1, float("inf")]}}},
         "facts.attributes.x.default[1]"),
        ({"stages": {1: "open"}}, "stages"),
        ({"tender_order": {"card"}}, "tender_order"),
        (when(now={"under": "0001-01-01"}), "rules[0].when.now"),
    ],
)  # fmt: skip
def test_what_no_database_holds_is_refused_in_its_place(part: dict[str, Any], place: str) -> None:
    assert [where for where, _ in problems({**LEAST, **part})] == [place]


def test_what_is_written_short_but_means_a_million_parts_is_refused_quickly() -> None:
    condition: dict[str, Any] = {"reason": "a"}
    for _ in range(7):
        condition = {"any": [condition] * 50}
    [(place, text)] = problems({**LEAST, "rules": [{"when": condition, **NOTHING}]})
    assert place.startswith("rules[0].when.any[0]")
    assert "too long" in text


def test_what_is_nested_without_end_is_refused() -> None:
    endless: dict[str, Any] = {}
    endless["not"] = endless
    [(_, text)] = problems({**LEAST, "rules": [{"when": endless, **NOTHING}]})
    assert "nested too deep" in text


def test_dates_may_be_written_as_such() -> None:
    day = date(2026, 5, 31)
    assert parse_policy(when(now={"under": day})) == parse_policy(when(now={"under": "2026-05-31"}))
