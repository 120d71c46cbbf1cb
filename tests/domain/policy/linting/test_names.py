"""Names declared for nothing, settings that may be missing, stages nobody maps."""

from tests.domain.policy.linting.findings import Rule, found


def test_a_fact_that_no_rule_asks_for_is_found() -> None:
    facts = {"attributes.a": "number", "attributes.b": "moment", "settings.c": "money"}
    rules: list[Rule] = [{"when": {"since.attributes.b": {"over": "2d"}}, "keep": "settings.c"}]
    assert ("unused_fact", "facts.attributes.a") in found(*rules, facts=facts)
    assert not {("unused_fact", "facts.attributes.b"), ("unused_fact", "facts.settings.c")} & set(
        found(*rules, facts=facts)
    )


def test_a_setting_without_a_default_is_named_unless_it_is_asked_whether_it_is_there() -> None:
    rule = {"keep": "settings.fee"}
    asked = {"when": {"settings.fee": {"known": True}}, **rule}
    assert found(rule, facts={"settings.fee": "money"}) == [("no_default", "facts.settings.fee")]
    assert found(rule, facts={"settings.fee": {"type": "money", "default": 0}}) == []
    assert found(asked, {"keep": "nothing"}, facts={"settings.fee": "money"}) == []


def test_a_word_for_a_stage_that_means_nothing_is_found_once() -> None:
    rules: list[Rule] = [
        {"when": {"stage": ["paid", "in_oven"]}, "keep": "50%"},
        {"unless": {"stage": "in_oven"}, "keep": "nothing"},
    ]
    assert found(*rules) == [("stage_unmapped", "rules[0].when.stage")]
    assert found(*rules, stages={"in_oven": "in_progress"}) == []
