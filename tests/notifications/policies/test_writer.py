"""No part of the language is left without words, in any language."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.policy import document as language
from domain.policy.clock.calendars import Calendar
from domain.policy.reading.charges import _COUNTS
from domain.policy.reading.policies import parse_policy
from domain.policy.vocabulary import MOMENTS, NAMES, TELLABLE, Type
from domain.values import Value
from notifications import catalogue
from notifications.policies import phrases
from notifications.policies.words import Told
from notifications.policies.writer import in_words
from runtime.policies.files import load_policy

POLICIES = Path(__file__).parents[3] / "policies"
FILES = sorted(POLICIES.rglob("*.yaml"))
LANGUAGES = sorted(phrases.languages())
RULE = {"keep": "50%"}
FACTS = {
    "attributes.guests": "number",
    "attributes.fare": "text",
    "attributes.used_units": "number",
    "settings.window": "span",
    "settings.closed": "list",
}
WHEN = {"reason": "illness"}


def told(document: dict[str, Any], tongue: str = "en") -> str:
    """All of a policy's words, in one text."""
    policy = parse_policy({"id": "p", "title": "P", "facts": FACTS} | document)
    words = in_words(policy, tongue)
    return "\n".join(
        text for section in words.sections for each in section.told for text in _texts(each)
    )


def _texts(each: Told) -> Iterator[str]:
    yield each.text
    for row in each.table:
        yield " | ".join(row)
    for part in each.parts:
        yield from _texts(part)


def rule(**parts: Any) -> dict[str, Any]:
    return {"rules": [RULE | parts if "keep" in parts or not _says(parts) else parts]}


def _says(parts: dict[str, Any]) -> bool:
    return not parts.keys().isdisjoint({"return", "refuse", "hand_over"})


def charge(**parts: Any) -> dict[str, Any]:
    return rule(keep={"sum": [{"keep": "30%"} | parts]})


def table(**parts: Any) -> dict[str, Any]:
    return rule(keep={"table": {"down": "notice", "rows": [["1d", "50%"]]} | parts})


PARTS: dict[str, dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "Charge": {
        "when": (rule(), charge(when=WHEN)),
        "unless": (rule(), charge(unless=WHEN)),
        "keep": (rule(), charge(keep="40%")),
        "return_": (rule(), rule(**{"return": "50%"})),
        "of": (rule(), rule(of="paid")),
        "per": (rule(keep="5.00 EUR"), rule(keep="5.00 EUR", per="person")),
        "at_least": (rule(), rule(at_least="5.00 EUR")),
        "at_most": (rule(), rule(at_most={"keep": "5.00 EUR", "when": WHEN})),
        "rounding": (rule(), rule(rounding={"way": "up", "to": "1.00 EUR"})),
        "beyond_price": (rule(), rule(beyond_price=True)),
    },
    "Rule": {
        "when": (rule(), rule(when=WHEN)),
        "unless": (rule(), rule(unless=WHEN)),
        "keep": (rule(), rule(keep="25%")),
        "return_": (rule(), rule(**{"return": "25%"})),
        "of": (rule(), rule(of={"first": 1})),
        "per": (rule(keep="5.00 EUR"), rule(keep="5.00 EUR", per="attributes.guests")),
        "at_least": (rule(), rule(at_least="10%")),
        "at_most": (rule(), rule(at_most="70%")),
        "rounding": (rule(), rule(rounding="up")),
        "beyond_price": (rule(), rule(beyond_price=True)),
        "refuse": (rule(), rule(refuse="too_late")),
        "hand_over": (rule(), rule(hand_over="amount_open")),
        "approval": (rule(), rule(approval="special_circumstances")),
        "form": (rule(), rule(form="voucher")),
        "timing": (rule(), rule(timing="days_14")),
        "grants": (rule(), rule(grants="make_up_credit")),
    },
    "Combination": {
        word: (rule(), rule(keep={word: [{"keep": "30%"}, {"keep": "5.00 EUR"}]}))
        for word in ("first", "sum", "best", "most")
    }
    | {
        "table": (rule(), table()),
        "cel": (rule(), rule(keep={"cel": "price / 3"})),
    },
    "Table": {
        "down": (table(), table(down="lead_time")),
        "across": (table(), table(across="price", columns=["1.00 EUR"], rows=[["1d", "50%"]])),
        "columns": (
            table(across="attributes.guests", columns=[1]),
            table(across="attributes.guests", columns=[2]),
        ),
        "rows": (table(), table(rows=[["2d", "50%"]])),
    },
    "Of": {
        "first": (rule(), rule(of={"first": 2})),
        "next": (rule(), rule(of={"next": 2})),
        "tenders": (rule(), rule(of={"tenders": ["gift_card"]})),
        "fact": (rule(), rule(of={"fact": "attributes.guests"})),
    },
    "Steps": {
        "way": (
            rule(rounding={"way": "up", "to": "1.00 EUR"}),
            rule(rounding={"way": "down", "to": "1.00 EUR"}),
        ),
        "to": (rule(rounding={"to": "1.00 EUR"}), rule(rounding={"to": "5.00 EUR"})),
    },
    "Check": {
        "when": ({"checks": [{"refuse": "x"}]}, {"checks": [{"refuse": "x", "when": WHEN}]}),
        "unless": ({"checks": [{"refuse": "x"}]}, {"checks": [{"refuse": "x", "unless": WHEN}]}),
        "refuse": ({}, {"checks": [{"refuse": "too_many"}]}),
        "hand_over": ({}, {"checks": [{"hand_over": "too_many"}]}),
    },
    "Approval": {
        "when": ({"approval": {}}, {"approval": {"when": WHEN}}),
        "within": ({"approval": {}}, {"approval": {"within": "3h"}}),
        "approve_by_default": ({"approval": {}}, {"approval": {"approve_by_default": True}}),
    },
    "Form": {
        "when": ({"forms": [{}]}, {"forms": [{"when": WHEN}]}),
        "unless": ({"forms": [{}]}, {"forms": [{"unless": WHEN}]}),
        "tenders": ({"forms": [{}]}, {"forms": [{"tenders": ["card"]}]}),
        "form": ({"forms": [{}]}, {"forms": [{"form": "voucher"}]}),
        "timing": ({"forms": [{}]}, {"forms": [{"timing": "immediate"}]}),
    },
    "Usage": {
        "count": ({}, {"usage": {"count": "attributes.used_units"}}),
        "out_of": (
            {"usage": {"count": "attributes.used_units"}},
            {"usage": {"count": "attributes.used_units", "out_of": "attributes.guests"}},
        ),
        "by": ({}, {"usage": {"by": "month"}}),
        "begun": ({"usage": {"by": "month"}}, {"usage": {"by": "month", "begun": True}}),
    },
    "Calendar": {
        "workdays": ({"business_days": {}}, {"business_days": {"workdays": ["mon"]}}),
        "holidays": ({"business_days": {}}, {"business_days": {"holidays": "DE-BY"}}),
        "closed": ({"business_days": {}}, {"business_days": {"closed": ["2026-12-24"]}}),
    },
    "Fact": {
        "type": (
            {"facts": {"attributes.x": "number"}},
            {"facts": {"attributes.x": "text"}},
        ),
        "default": (
            {"facts": {"attributes.x": "number"}},
            {"facts": {"attributes.x": {"type": "number", "default": 2}}},
        ),
        "unit": (
            {"facts": {"attributes.x": "span"}},
            {"facts": {"attributes.x": {"type": "span", "unit": "hours"}}},
        ),
    },
    "Warehouse": {
        "when": ({"warehouse": {}}, {"warehouse": {"when": WHEN}}),
        "within": ({"warehouse": {}}, {"warehouse": {"within": "2h"}}),
        "if_silent": ({"warehouse": {}}, {"warehouse": {"if_silent": "stop"}}),
    },
    "Document": {
        "wording": ({}, {"wording": "Free until the day before."}),
        "kinds": ({}, {"kinds": ["order"]}),
        "applies_to": ({}, {"applies_to": {"line.category": "spa"}}),
        "priority": ({}, {"priority": 3}),
        "laws": ({}, {"laws": ["eu-withdrawal-goods"]}),
        "currency": ({}, {"currency": "EUR"}),
        "stages": ({}, {"stages": {"packed": "in_progress"}}),
        "facts": ({}, {"facts": {"attributes.x": "number"}}),
        "business_days": ({}, {"business_days": {"workdays": ["sat"]}}),
        "closed_from": ({}, {"closed_from": "settings.closed"}),
        "starts": ({}, {"starts": "earliest"}),
        "usage": ({}, {"usage": {"count": "attributes.used_units"}}),
        "rounding": ({}, {"rounding": "half_even"}),
        "rules": ({}, rule()),
        "checks": ({}, {"checks": [{"refuse": "too_many"}]}),
        "approval": ({}, {"approval": {}}),
        "undo": ({}, {"undo": "1h30m"}),
        "refund": ({}, {"refund": "on_request"}),
        "on_refused": ({}, {"on_refused": "stand"}),
        "refund_within": ({}, {"refund_within": "14d"}),
        "if_refund_fails": ({}, {"if_refund_fails": "store_credit"}),
        "forms": ({}, {"forms": [{"form": "voucher"}]}),
        "share": ({}, {"share": "proportion"}),
        "promotions": ({}, {"promotions": "ignore"}),
        "restock": ({}, {"restock": False}),
        "warehouse": ({}, {"warehouse": {}}),
        "tender_order": ({}, {"tender_order": ["gift_card"]}),
        "sentences": ({}, {"sentences": {"too_late": {"en": "No more.", "de": "Vorbei."}}}),
    },
}
"""For each field two documents that it makes different."""

ELSEWHERE = {
    "Rule": {"name"},
    "Check": {"name"},
    "Document": {"id", "title", "extends"},
}
"""Told outside the sentences; what is extended is merged before."""


def models() -> Iterator[tuple[str, type[Value]]]:
    for name, found in {**vars(language), "Calendar": Calendar}.items():
        if isinstance(found, type) and issubclass(found, Value) and found is not Value:
            yield name, found


def test_each_field_of_the_document_is_among_those_tried() -> None:
    for name, model in models():
        tried = PARTS[name].keys() | ELSEWHERE.get(name, set())
        assert tried == model.model_fields.keys(), name


@pytest.mark.parametrize("tongue", LANGUAGES)
@pytest.mark.parametrize(
    ("without", "with_it"),
    [pytest.param(*pair, id=f"{model}.{field}") for model, fields in PARTS.items()
     for field, pair in fields.items()],
)  # fmt: skip
def test_each_field_of_the_document_changes_the_words(
    without: dict[str, Any], with_it: dict[str, Any], tongue: str
) -> None:
    assert told(without, tongue) != told(with_it, tongue)


VALUES: dict[Type, list[Any]] = {
    Type.TEXT: ["x", ["x", "y"], {"is": "x"}, {"not": ["x", "y"]}, {"known": False}],
    Type.NUMBER: [2, *({bound: 2} for bound in ("under", "over", "at_least", "at_most")),
                  {"between": [2, 4]}, {"not": 2}, {"known": True}],
    Type.BOOLEAN: [True, False, {"not": True}, {"known": False}],
    Type.MONEY: ["5.00 EUR", {"over": "5.00 EUR"}, {"between": ["5.00 EUR", "6.00 EUR"]}],
    Type.PERCENT: [{"over": "50%"}, {"at_most": "1/3"}],
    Type.MOMENT: [{"under": "2026-05-01"}, {"at_least": "2026-05-01T10:00:00Z"},
                  {"between": ["2026-05-01", "2026-05-03"]}, {"known": True}],
    Type.LIST: ["x", {"not": "x"}, {"known": True}],
    Type.DISTANCE: [{"under": "24h"}, {"at_least": "1d 18:00"}, {"over": "3bd"},
                    {"at_most": "1mo"}, {"under": "fri 12:00"}, {"under": "1w fri"},
                    {"over": "14d+0bd"}, {"between": ["1d", "2d"]}, {"under": "settings.window"},
                    {"under": "0d"}, {"over": "0m"}, {"at_least": "1y"}, {"at_least": "1h30m"},
                    {"known": False}, {"at_most": "2bd 12:00"}],
}  # fmt: skip
TIMES: dict[str, list[Any]] = {
    "weekday": ["sat", {"not": ["sat", "sun"]}, {"between": ["mon", "fri"]}],
    "month": ["jul", {"between": ["nov", "feb"]}],
    "day": ["12-24", {"between": ["12-24", "01-06"]}, {"under": "06-01"}],
    "time": [{"under": "18:00"}, {"at_least": "18:00"}, {"between": ["22:00", "06:00"]}],
}


def each_test() -> Iterator[Any]:
    facts = {f"attributes.{type_}": type_ for type_ in TELLABLE}
    names = {name: each.type for name, each in NAMES.items()}
    names |= {f"since.{moment}": Type.DISTANCE for moment in MOMENTS if moment != "now"}
    names |= dict.fromkeys(MOMENTS, Type.MOMENT)
    names |= {"until.end": Type.DISTANCE, "since.attributes.moment": Type.DISTANCE}
    for name, type_ in (names | facts).items():
        for test in VALUES.get(type_, [{"known": True}]):
            yield pytest.param(name, test, id=f"{name} {test}")
    for part, several in TIMES.items():
        for test in several:
            yield pytest.param(f"start.{part}", test, id=f"start.{part} {test}")
            yield pytest.param(f"now.{part}", test, id=f"now.{part} {test}")


@pytest.mark.parametrize(("name", "test"), list(each_test()))
def test_each_test_of_each_name_has_words_of_its_own_and_so_has_its_opposite(
    name: str, test: Any
) -> None:
    facts = {f"attributes.{type_}": {"type": type_} for type_ in TELLABLE} | {
        "settings.window": "span"
    }
    for tongue in LANGUAGES:
        said = [
            told({"facts": facts, "checks": [{key: {name: test}, "refuse": "x"}]}, tongue)
            for key in ("when", "unless")
        ]
        assert said[0] != said[1]


@pytest.mark.parametrize("tongue", LANGUAGES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_published_policy_is_told_whole(file: Path, tongue: str) -> None:
    policy = load_policy(file)
    words = in_words(policy, tongue)
    said = {each.place: each for section in words.sections for each in section.told}
    for number, rule in enumerate(policy.rules):
        assert said[f"rules[{number}]"].rule == rule.rule
    text = "\n".join(t for each in said.values() for t in _texts(each))
    assert not re.search(r"{[a-z_]+}|None|  ", text)
    assert all(fact in said for fact in (f"facts.{name}" for name in policy.document.facts))


def test_conditions_keep_their_brackets_and_lose_their_double_negations() -> None:
    condition = {"any": [{"reason": "illness", "whole": True}, {"not": {"stage": "no_show"}}]}
    assert "If the reason is “illness”" not in told(rule(unless=condition))
    assert "(if the reason is not “illness”, or if only a part is cancelled), and no-show" in told(
        rule(unless=condition)
    ).replace("(If", "(if")


BASES = [
    *language.Base,
    {"first": 2},
    {"next": 1},
    {"tenders": ["card"]},
    {"fact": "attributes.guests"},
]
AMOUNTS = ["nothing", "everything", "ask", "12.5%", "1/3", "3/7", "5.00 EUR", "attributes.guests"]


@pytest.mark.parametrize("tongue", LANGUAGES)
@pytest.mark.parametrize("word", ["keep", "return"])
def test_each_amount_of_each_base_reads_differently(word: str, tongue: str) -> None:
    said = [told({"rules": [{word: amount}]}, tongue) for amount in AMOUNTS]
    said += [told({"rules": [{word: "30%", "of": of}]}, tongue) for of in BASES]
    said += [told({"rules": [{word: "6.00 EUR", "per": count}]}, tongue) for count in _COUNTS]
    assert len(set(said)) == len(said)


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_a_language_has_the_same_phrases_with_the_same_gaps_as_english(tongue: str) -> None:
    assert dict(_leaves(phrases.load(tongue))) == dict(_leaves(phrases.load("en")))


def _leaves(entry: Any, path: str = "") -> Iterator[tuple[str, frozenset[str]]]:
    for key, value in entry.items():
        if path == "" and key == "contractions":
            continue
        if isinstance(value, str):
            yield f"{path}.{key}", frozenset(re.findall(r"{(\w+)}", value))
        else:
            yield from _leaves(value, f"{path}.{key}")


def test_mails_have_every_language_that_policies_are_told_in() -> None:
    """Policies are for managers, mails for their customers too, who speak more languages."""
    assert {"en", "de"} <= phrases.languages() <= catalogue.languages()
