"""The catalogue over HTTP: offered by kind, told in the reader's language."""

import pytest

from tests.api.conftest import Shop
from use_cases.actors import Scope


async def test_reasons_are_offered_in_order_and_without_retired_ones(shop: Shop) -> None:
    caller = await shop.as_key(Scope.READ)
    everything = (await caller.get("/v1/reasons")).json()
    assert [reason["code"] for reason in everything] == ["changed_mind", "ill", "other"]
    orders = (await caller.get("/v1/reasons", params={"kind": "order"})).json()
    assert [reason["code"] for reason in orders] == ["changed_mind", "other"]
    assert orders[1]["note_required"] is True


@pytest.mark.parametrize(
    ("wanted", "label", "language"),
    [
        ("de", "Anders überlegt", "de"),
        ("de-AT", "Anders überlegt", "de"),
        ("DE", "Anders überlegt", "de"),
        ("fr, de;q=0.8, en;q=0.9", "Changed my mind", "en"),
        ("de;q=0, en;q=0.1", "Changed my mind", "en"),
        ("fr", "Changed my mind", "en"),
        ("*", "Changed my mind", "en"),
        ("nonsense;;q=x", "Changed my mind", "en"),
        ("", "Changed my mind", "en"),
    ],
)
async def test_labels_come_in_the_first_language_there_is(
    shop: Shop, wanted: str, label: str, language: str
) -> None:
    caller = await shop.as_key(Scope.READ)
    told = (await caller.get("/v1/reasons", headers={"Accept-Language": wanted})).json()
    assert (told[0]["label"], told[0]["language"]) == (label, language)


async def test_a_reason_is_added_changed_and_retired(shop: Shop) -> None:
    caller = await shop.as_key(Scope.POLICIES, Scope.READ)
    document = {"labels": {"en": "Too late"}, "kinds": ["order"], "position": -1}
    for _ in range(2):
        put = await caller.put("/v1/reasons/too_late", json=document)
        assert put.status_code == 200
    offered = (await caller.get("/v1/reasons")).json()
    assert offered[0]["code"] == "too_late"
    await caller.put("/v1/reasons/too_late", json=document | {"retired": True})
    offered = (await caller.get("/v1/reasons")).json()
    assert "too_late" not in [reason["code"] for reason in offered]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"labels": {}},
        {"labels": {"not a tag": "x"}},
        {"labels": {"en": "a\0b"}},
        {"labels": {"en": "x"}, "kinds": []},
        {"labels": {"en": "x"}, "position": 10**12},
    ],
)
async def test_a_reason_nobody_could_choose_is_refused(shop: Shop, document: object) -> None:
    caller = await shop.as_key(Scope.POLICIES)
    answer = await caller.put("/v1/reasons/new", json=document)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")
    assert (
        await caller.put("/v1/reasons/No-Code", json={"labels": {"en": "x"}})
    ).status_code == 422
