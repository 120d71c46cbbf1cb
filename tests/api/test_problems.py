"""Every error is a problem with a code, whatever went wrong."""

import json
import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from fastapi import APIRouter
from sqlalchemy import text

from api.deps import Ctx
from api.errors import status_of
from api.problems import STATUSES
from domain import errors
from domain.errors import PolicyInvalid, RescindError
from storage.database import make_engine, make_sessions
from tests.api.conftest import Shop, nowhere
from tests.api.test_cancellations import ASK, a_body, ask
from use_cases.actors import Scope
from use_cases.context import Context
from use_cases.runs import Runs

API_PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()

KINDS = [
    error
    for error in vars(errors).values()
    if isinstance(error, type) and issubclass(error, RescindError) and error is not RescindError
]

INTERNAL = {
    *("mail_refused", "mail_unsent", "warehouse_unavailable"),
    *("payment_rejected", "case_invalid", "identity_refused", "evidence_full"),
}
"""Never raised where the API could meet them."""


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_has_a_status_of_its_own(kind: type[RescindError]) -> None:
    error = kind.__new__(kind)
    expected = status_of(error)
    assert expected != 500 or kind.code in INTERNAL


def test_the_table_names_no_code_that_nothing_raises() -> None:
    raised = {kind.code for kind in KINDS}
    ours = {"invalid_json", "not_found", "method_not_allowed", "body_too_large"}
    assert set(STATUSES) - raised == ours | {"database_unavailable", "internal_error"}


@pytest.mark.parametrize("code", sorted({kind.code for kind in KINDS} | set(STATUSES)))
def test_every_code_is_explained_on_the_page(code: str) -> None:
    assert (f"`{code}`" in API_PAGE) is (code not in INTERNAL)


async def test_an_unknown_path_and_a_wrong_method(shop: Shop) -> None:
    caller = shop.anonymous()
    nothing = await caller.get("/v1/nothing")
    assert (nothing.status_code, nothing.json()["code"]) == (404, "not_found")
    wrong = await caller.delete("/v1/cancellations")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert "POST" in wrong.headers["allow"]
    for answer in (nothing, wrong):
        problem = answer.json()
        assert answer.headers["content-type"] == "application/problem+json"
        assert problem["status"] == answer.status_code
        assert problem["type"] == f"urn:rescind:problem:{problem['code']}"
        assert problem["instance"] == answer.request.url.path


@pytest.mark.parametrize("body", [b"{", b"", b"\xff\xfe", b'{"a":', b"[" * 100_000])
async def test_what_is_no_json_says_so(shop: Shop, body: bytes) -> None:
    caller = await shop.as_key(*ASK)
    headers = {"Content-Type": "application/json"}
    answer = await caller.post("/v1/cancellations", content=body, headers=headers)
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("invalid_json", "invalid_request")


async def test_half_characters_are_refused(shop: Shop) -> None:
    caller = await shop.as_key(*ASK)
    order = await shop.order()
    body = b'{"subject":{"kind":"order","id":"%s"},"evidence":{"a":"\\ud800"}}' % order.id.encode()
    headers = {"Content-Type": "application/json"}
    answer = await caller.post("/v1/cancellations", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_a_body_over_the_limit_is_refused_announced_or_not(shop: Shop) -> None:
    caller = await shop.as_key(*ASK)

    async def endless() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 100_000

    for body in (b" " * 1_000_001, endless()):
        answer = await caller.post("/v1/cancellations", content=body)
        assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_a_bug_tells_an_id_and_nothing_else(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    router = APIRouter()

    @router.get("/bug")
    async def bug() -> None:
        raise ZeroDivisionError("secret")

    shop.app.include_router(router)
    with caplog.at_level(logging.ERROR):
        answer = await shop.anonymous().get("/bug")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    incident = answer.json()["instance"].removeprefix("urn:uuid:")
    assert incident in caplog.text
    assert "ZeroDivisionError" in caplog.text


async def test_every_answer_ends_its_line_and_keeps_its_length(shop: Shop) -> None:
    router = APIRouter()

    @router.get("/bug")
    async def bug() -> None:
        raise ZeroDivisionError

    shop.app.include_router(router)
    caller = await shop.as_key(Scope.READ)
    for path in ("/v1/reasons", "/openapi.json", "/health/live", "/v1/orders/none", "/bug"):
        answer = await caller.get(path)
        assert answer.content.endswith(b"\n"), path
        assert not answer.content.endswith(b"\n\n"), path
        assert int(answer.headers["content-length"]) == len(answer.content), path


async def test_a_policy_names_each_wrong_place_like_any_other_body(shop: Shop) -> None:
    router = APIRouter()

    @router.get("/linted")
    async def linted() -> None:
        raise PolicyInvalid("tiers[0].fee: says nothing", [("tiers[0].fee", "says nothing")])

    shop.app.include_router(router)
    answer = await shop.anonymous().get("/linted")
    assert (answer.status_code, answer.json()["code"]) == (422, "policy_invalid")
    assert answer.json()["errors"] == [
        {"place": "tiers[0].fee", "code": "policy_invalid", "detail": "says nothing"}
    ]


async def test_what_a_validator_of_ours_said_stands_alone(shop: Shop) -> None:
    caller = await shop.as_key(Scope.RECORDS)
    body = {"title": "Chair", "zone": "Europe/Nowhere"}
    problem = (await caller.put("/v1/resources/chair", json=body)).json()
    assert problem["errors"] == [
        {
            "place": "body.zone",
            "code": "value_error",
            "detail": "is no time zone of the IANA database",
        }
    ]


async def test_a_value_the_database_cannot_hold_is_the_callers(shop: Shop) -> None:
    router = APIRouter()

    @router.get("/too-big")
    async def too_big(context: Ctx) -> None:
        async with context.sessions() as session:
            await session.execute(text("SELECT 10000000000::bigint::int"))

    shop.app.include_router(router)
    answer = await shop.anonymous().get("/too-big")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


async def test_a_database_that_is_down_is_said_and_asks_to_come_again() -> None:
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    shop = Shop(Context(make_sessions(engine), Runs(nowhere, "none")))
    caller = shop.anonymous(Authorization="Bearer rsc_x")
    answer = await caller.get("/v1/reasons")
    assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
    assert answer.headers["retry-after"]
    ready = await caller.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json() == {"database": "unreachable", "temporal": "unreachable"}
    assert (await caller.get("/health/live")).status_code == 200
    await shop.close()


async def test_ready_when_both_can_be_reached(live: Shop) -> None:
    answer = await live.anonymous().get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"database": "ok", "temporal": "ok"})


async def test_the_description_is_fit_for_a_generator(shop: Shop) -> None:
    description = (await shop.anonymous().get("/openapi.json")).json()
    operations = [each for path in description["paths"].values() for each in path.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(set(names)) == len(names)
    assert all(name.isidentifier() for name in names)
    for operation in operations:
        problem = operation["responses"]["default"]["content"]["application/problem+json"]
        assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
        assert operation["description"]
        assert "422" not in operation["responses"]
    assert "prefixItems" not in json.dumps(description)
    used = _references(description["paths"]) | _references(description["components"])
    assert used <= {f"#/components/schemas/{name}" for name in description["components"]["schemas"]}


def _references(node: object) -> set[str]:
    if isinstance(node, dict):
        found = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return found.union(*(_references(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_references(value) for value in node))
    return set()


async def test_asking_without_temporal_does_nothing_and_says_so(shop: Shop) -> None:
    order = await shop.order()
    caller = await shop.as_key(*ASK, Scope.READ)
    answer = await ask(caller, a_body(order), "k1")
    assert (answer.status_code, answer.json()["code"]) == (503, "service_unavailable")
    assert answer.headers["retry-after"]
