"""Policies over HTTP: checked when they come in, kept by version."""

import jsonschema  # type: ignore[import-untyped]
import pytest

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
        ({"title": "x", "rules": [{"keep": "most"}]}, "rules[0]"),
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
    assert places == ([] if place == "id" else [place])
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
