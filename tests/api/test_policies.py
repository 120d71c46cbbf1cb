"""Policies over HTTP: checked when they come in, kept by version."""

from datetime import datetime, timedelta

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from tests.api.conftest import Shop
from use_cases.actors import Scope

EDITOR = (Scope.POLICIES, Scope.READ)


async def test_a_changed_document_is_the_next_version_and_an_equal_one_is_none(shop: Shop) -> None:
    caller = await shop.as_key(*EDITOR)
    first = {"title": "Salon", "kinds": ["appointment"], "undo": "1h"}
    second = first | {"undo": "2h"}
    for document, version in ((first, 1), (first, 1), (second, 2), (first, 3)):
        answer = await caller.put("/v1/policies/salon", json=document)
        assert (answer.status_code, answer.json()["version"]) == (200, version)
    newest = (await caller.get("/v1/policies/salon")).json()
    assert (newest["version"], newest["document"]["undo"]) == (3, "1h")
    older = (await caller.get("/v1/policies/salon", params={"version": 2})).json()
    assert older["document"]["undo"] == "2h"
    assert older["created_by"].startswith("key:")


async def test_policies_are_listed_and_the_default_stays_until_it_is_moved(shop: Shop) -> None:
    caller = await shop.as_key(*EDITOR)
    await caller.put("/v1/policies/salon", json={"title": "Salon"}, params={"default": "true"})
    await caller.put("/v1/policies/salon", json={"title": "Salon", "undo": "1h"})
    listed = {policy["id"]: policy for policy in (await caller.get("/v1/policies")).json()}
    assert set(listed) == {"shop", "asks", "salon"}
    assert listed["salon"]["version"] == 2
    assert [listed[id_]["is_default"] for id_ in ("shop", "asks", "salon")] == [True, False, True]


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({}, "title"),
        ({"title": "x", "undo": "soon"}, "undo"),
        ({"title": "x", "rules": [{"keep": "most"}]}, "rules[0].keep"),
        ({"title": "x", "unheard": 1}, "unheard"),
        ({"title": "x", "id": "another"}, "id"),
    ],
)
async def test_a_document_that_cannot_be_used_is_refused_with_its_place(
    shop: Shop, document: dict[str, object], place: str
) -> None:
    caller = await shop.as_key(*EDITOR)
    answer = await caller.put("/v1/policies/new", json=document)
    assert (answer.status_code, answer.json()["code"]) == (422, "policy_invalid")
    assert place in answer.json()["detail"]
    places = [error["place"] for error in answer.json().get("errors", [])]
    assert places == [place]
    assert (await caller.get("/v1/policies/new")).json()["code"] == "policy_not_found"


async def test_a_version_that_is_not_there_is_not_found(shop: Shop) -> None:
    caller = await shop.as_key(Scope.READ)
    answer = await caller.get("/v1/policies/shop", params={"version": 9})
    assert (answer.status_code, answer.json()["code"]) == (404, "policy_not_found")


async def test_the_schema_describes_what_is_kept(shop: Shop) -> None:
    caller = await shop.as_key(Scope.READ)
    schema = (await caller.get("/v1/policies/schema")).json()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = (await caller.get("/v1/policies/shop")).json()["document"]
    jsonschema.validate(document, schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document | {"unheard": 1}, schema)


async def test_what_may_not_be_meant_comes_back_with_the_answer(shop: Shop) -> None:
    caller = await shop.as_key(*EDITOR)
    rules = [{"when": {"notice": {"at_least": "7d"}}, "keep": "nothing"}]
    answer = await caller.put("/v1/policies/gap", json={"title": "Gap", "rules": rules})
    assert answer.status_code == 200
    [warning] = answer.json()["warnings"]
    assert (warning["code"], warning["place"]) == ("gap", "rules")
    assert "notice of under 7d" in warning["text"]


async def test_a_rule_that_never_decides_is_refused(shop: Shop) -> None:
    caller = await shop.as_key(*EDITOR)
    rules = [{"keep": "nothing"}, {"when": {"reason": "illness"}, "keep": "everything"}]
    answer = await caller.put("/v1/policies/idle", json={"title": "Idle", "rules": rules})
    assert (answer.status_code, answer.json()["code"]) == (422, "policy_invalid")
    assert [error["place"] for error in answer.json()["errors"]] == ["rules[1]"]
    assert (await caller.get("/v1/policies/idle")).json()["code"] == "policy_not_found"


YAML = {"Content-Type": "application/yaml"}
JSON = {"Content-Type": "application/json"}
WRITTEN = """# Our hairdressers.
title: Salon   # as on the door
kinds: [appointment]
rules:
  - when: {notice: {under: 24h}}
    keep: 50%
  - keep: nothing
"""


async def test_yaml_is_kept_as_it_was_written_and_given_back_so(shop: Shop) -> None:
    caller = await shop.as_key(*EDITOR)
    await caller.put("/v1/policies/salon", content=WRITTEN, headers=YAML)
    answer = await caller.put("/v1/policies/salon", content=WRITTEN, headers=YAML)
    assert (answer.status_code, answer.json()["version"]) == (200, 1)
    assert answer.json()["document"]["rules"][0] == {
        "when": {"notice": {"under": "24h"}},
        "keep": "50%",
    }
    text = await caller.get("/v1/policies/salon", headers={"Accept": "application/yaml"})
    assert (text.text, text.headers["content-type"]) == (WRITTEN, "application/yaml")
    seen = (await caller.get("/v1/policies/salon")).json()
    assert (seen["source"], seen["media_type"]) == (WRITTEN, "application/yaml")


async def test_a_remark_makes_a_version_in_yaml_and_a_blank_none_in_json(shop: Shop) -> None:
    caller = await shop.as_key(*EDITOR)
    versions = []
    for content, headers in (
        (WRITTEN, YAML),
        (WRITTEN + "# One more remark.\n", YAML),
        ('{"title": "Salon"}', JSON),
        ('{ "title" : "Salon" }', JSON),
    ):
        answer = await caller.put("/v1/policies/salon", content=content, headers=headers)
        versions.append(answer.json()["version"])
    assert versions == [1, 2, 3, 3]
    text = await caller.get("/v1/policies/salon", headers={"Accept": "text/yaml"})
    assert text.text == '{"title": "Salon"}'


async def test_a_version_without_a_text_is_given_as_yaml_all_the_same(shop: Shop) -> None:
    caller = await shop.as_key(Scope.READ)
    seen = (await caller.get("/v1/policies/shop")).json()
    assert seen["source"] is None
    text = await caller.get("/v1/policies/shop", headers={"Accept": "application/yaml"})
    assert yaml.safe_load(text.text) == seen["document"]


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b"title: [", "application/yaml", 422, "policy_invalid"),
        (b"title: x\ntitle: y", "text/yaml", 422, "policy_invalid"),
        (b"\xff\xfe", "application/yaml", 422, "policy_invalid"),
        (b"- a list", "application/yaml", 422, "policy_invalid"),
        (b"{", "application/json", 400, "invalid_json"),
        (b"[]", "application/json", 422, "invalid_request"),
        (b"[" * 100_000, "application/json", 422, "policy_invalid"),
        (b'{"title": "\\u0000"}', "application/json", 422, "invalid_request"),
        (b"title: x", "text/plain", 422, "invalid_request"),
    ],
)
async def test_a_text_that_cannot_be_read_says_so(
    shop: Shop, content: bytes, kind: str, status: int, code: str
) -> None:
    caller = await shop.as_key(*EDITOR)
    headers = {"Content-Type": kind}
    answer = await caller.put("/v1/policies/new", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_who_may_not_write_policies_is_told_before_the_text_is_read(shop: Shop) -> None:
    reader = await shop.as_key(Scope.READ)
    answer = await reader.put("/v1/policies/new", content=b"title: [", headers=YAML)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


async def test_what_a_policy_extends_is_written_out_as_it_holds_then(shop: Shop) -> None:
    caller = await shop.as_key(*EDITOR)
    base = {"title": "Salon", "rules": [{"keep": "10%"}], "undo": "1h"}
    await caller.put("/v1/policies/base", json=base)
    own = "title: Berlin\nextends: base\nrules: [{when: {reason: illness}, keep: nothing}]\n"
    kept = (await caller.put("/v1/policies/berlin", content=own, headers=YAML)).json()
    assert [rule["keep"] for rule in kept["document"]["rules"]] == ["nothing", "10%"]
    assert (kept["document"]["undo"], kept["source"]) == ("1h", own)
    assert "extends" not in kept["document"]
    await caller.put("/v1/policies/base", json=base | {"undo": "2h"})
    assert (await caller.get("/v1/policies/berlin")).json()["document"]["undo"] == "1h"
    again = (await caller.put("/v1/policies/berlin", content=own, headers=YAML)).json()
    assert (again["version"], again["document"]["undo"]) == (2, "2h")


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"extends": "nobody"}, "extends"),
        ({"laws": ["shop", "nobody"]}, "laws[1]"),
        ({"laws": ["new"]}, "laws[0]"),
        ({"applies_to": {"reason": "ill"}}, "applies_to"),
    ],
)
async def test_what_a_policy_refers_to_has_to_be_there(
    shop: Shop, document: dict[str, object], place: str
) -> None:
    caller = await shop.as_key(*EDITOR)
    answer = await caller.put("/v1/policies/new", json={"title": "x", **document})
    assert (answer.status_code, answer.json()["code"]) == (422, "policy_invalid")
    assert [error["place"] for error in answer.json()["errors"]] == [place]


async def test_a_version_holds_from_when_it_says_and_never_from_before(shop: Shop) -> None:
    caller = await shop.as_key(*EDITOR)
    now = shop.context.clock()
    later = (now + timedelta(days=30)).isoformat()
    await caller.put("/v1/policies/new", json={"title": "now"})
    body, at = {"title": "later"}, {"effective_from": later}
    kept = (await caller.put("/v1/policies/new", json=body, params=at)).json()
    assert (kept["version"], datetime.fromisoformat(kept["in_force_from"])) == (
        2,
        datetime.fromisoformat(later),
    )
    again = (await caller.put("/v1/policies/new", json=body, params=at)).json()
    assert again["version"] == 2
    assert (await caller.put("/v1/policies/new", json={"title": "now"})).json()["version"] == 1
    past = {"effective_from": (now - timedelta(hours=1)).isoformat()}
    refused = await caller.put("/v1/policies/new", json={"title": "x"}, params=past)
    assert (refused.status_code, refused.json()["code"]) == (422, "effective_in_past")
    naive = {"effective_from": "2030-01-01T00:00:00"}
    refused = await caller.put("/v1/policies/new", json={"title": "x"}, params=naive)
    assert refused.json()["code"] == "invalid_request"
    before = await shop.order("new", placed_at=(now + timedelta(seconds=1)).isoformat())
    after = await shop.order("new", placed_at=(now + timedelta(days=31)).isoformat())
    frozen = [
        (await caller.get(f"/v1/orders/{one.id}")).json()["policy"] for one in (before, after)
    ]
    assert [policy["version"] for policy in frozen] == [1, 2]


async def test_two_policies_for_the_same_purchases_from_one_instant_are_refused(shop: Shop) -> None:
    caller = await shop.as_key(*EDITOR)
    at = {"effective_from": (shop.context.clock() + timedelta(days=1)).isoformat()}
    toys = {"title": "Toys", "applies_to": {"line.category": "toys"}}
    assert (await caller.put("/v1/policies/one", json=toys, params=at)).status_code == 200
    refused = (await caller.put("/v1/policies/two", json=toys, params=at)).json()
    assert [error["place"] for error in refused["errors"]] == ["applies_to"]
    ranked = await caller.put("/v1/policies/two", json=toys | {"priority": 1}, params=at)
    assert ranked.status_code == 200
