"""Nothing is allowed that no scope grants: every route, every scope."""

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from storage.keys import ApiKeyRow
from tests.api.conftest import Shop
from use_cases.actors import Scope
from use_cases.keys import KnownKeys

OPEN = {"/health/live", "/health/ready"}
SIGNED = {"/v1/webhooks/{provider}", "/v1/warehouse/answers"}
"""What other systems call: the signature over the body is their key."""

ROUTES = {
    ("PUT", "/v1/orders/{order_id}"): Scope.RECORDS,
    ("GET", "/v1/orders"): Scope.READ,
    ("GET", "/v1/orders/{order_id}"): Scope.READ,
    ("GET", "/v1/orders/{order_id}/events"): Scope.READ,
    ("GET", "/v1/orders/{order_id}/stream"): Scope.READ,
    ("PUT", "/v1/appointments/{appointment_id}"): Scope.RECORDS,
    ("GET", "/v1/appointments"): Scope.READ,
    ("GET", "/v1/appointments/{appointment_id}"): Scope.READ,
    ("GET", "/v1/appointments/{appointment_id}/events"): Scope.READ,
    ("GET", "/v1/appointments/{appointment_id}/stream"): Scope.READ,
    ("PUT", "/v1/resources/{resource_id}"): Scope.RECORDS,
    ("GET", "/v1/resources"): Scope.READ,
    ("GET", "/v1/resources/{resource_id}"): Scope.READ,
    ("GET", "/v1/resources/{resource_id}/slots"): Scope.READ,
    ("POST", "/v1/imports"): Scope.IMPORTS,
    ("POST", "/v1/cancellations"): Scope.CANCEL,
    ("GET", "/v1/cancellations"): Scope.READ,
    ("GET", "/v1/cancellations/{cancellation_id}"): Scope.READ,
    ("GET", "/v1/cancellations/{cancellation_id}/events"): Scope.READ,
    ("GET", "/v1/cancellations/{cancellation_id}/evidence"): Scope.DECIDE,
    ("GET", "/v1/cancellations/{cancellation_id}/evidence/{number}"): Scope.DECIDE,
    ("GET", "/v1/cancellations/{cancellation_id}/stream"): Scope.READ,
    ("POST", "/v1/cancellations/{cancellation_id}/undo"): Scope.CANCEL,
    ("POST", "/v1/cancellations/{cancellation_id}/approve"): Scope.DECIDE,
    ("POST", "/v1/cancellations/{cancellation_id}/decline"): Scope.DECIDE,
    ("POST", "/v1/cancellations/{cancellation_id}/resolve"): Scope.RESOLVE,
    ("POST", "/v1/cancellations/{cancellation_id}/warehouse"): Scope.RECORDS,
    ("GET", "/v1/dues"): Scope.READ,
    ("POST", "/v1/dues/{due_id}/settle"): Scope.MONEY,
    ("GET", "/v1/credit/{account}"): Scope.READ,
    ("POST", "/v1/credit/reversals"): Scope.MONEY,
    ("GET", "/v1/credit-notes"): Scope.READ,
    ("GET", "/v1/credit-notes.csv"): Scope.READ,
    ("GET", "/v1/credit-notes/{number}"): Scope.READ,
    ("GET", "/v1/credit-notes/{number}.pdf"): Scope.READ,
    ("GET", "/v1/refunds/{refund_id}/credit-note"): Scope.READ,
    ("GET", "/v1/refunds/{refund_id}/credit-note.pdf"): Scope.READ,
    ("POST", "/v1/reconciliations"): Scope.RESOLVE,
    ("GET", "/v1/reconciliations/{reconciliation_id}"): Scope.READ,
    ("GET", "/v1/differences"): Scope.READ,
    ("POST", "/v1/differences/{difference_id}/adopt"): Scope.MONEY,
    ("POST", "/v1/differences/{difference_id}/dismiss"): Scope.MONEY,
    ("POST", "/v1/refund-requests"): Scope.CANCEL,
    ("GET", "/v1/refund-requests/{request_id}"): Scope.READ,
    ("POST", "/v1/refund-requests/{request_id}/approve"): Scope.DECIDE,
    ("POST", "/v1/refund-requests/{request_id}/decline"): Scope.DECIDE,
    ("GET", "/v1/refunds"): Scope.READ,
    ("GET", "/v1/refunds/{refund_id}"): Scope.READ,
    ("POST", "/v1/refunds/{refund_id}/pay"): Scope.MONEY,
    ("POST", "/v1/refunds/{refund_id}/withdraw"): Scope.MONEY,
    ("PUT", "/v1/refunds/{refund_id}/payout-details"): Scope.CANCEL,
    ("POST", "/v1/refunds/{refund_id}/accept-credit"): Scope.CANCEL,
    ("POST", "/v1/refunds/{refund_id}/retry"): Scope.RESOLVE,
    ("POST", "/v1/refunds/{refund_id}/waive"): Scope.MONEY,
    ("POST", "/v1/quotes"): Scope.CANCEL,
    ("GET", "/v1/quotes/{quote_id}"): Scope.READ,
    ("GET", "/v1/reasons"): Scope.READ,
    ("PUT", "/v1/reasons/{code}"): Scope.POLICIES,
    ("GET", "/v1/policies"): Scope.READ,
    ("GET", "/v1/policies/schema"): Scope.READ,
    ("GET", "/v1/policies/{policy_id}"): Scope.READ,
    ("PUT", "/v1/policies/{policy_id}"): Scope.POLICIES,
}
"""The one scope that each route takes."""


def _routes(app: FastAPI) -> set[tuple[str, str]]:
    paths: dict[str, dict[str, Any]] = app.openapi()["paths"]
    return {(method.upper(), path) for path in paths for method in paths[path]}


async def _call(caller: httpx.AsyncClient, method: str, path: str) -> httpx.Response:
    path = path.replace("{code}", "changed_mind").replace("{policy_id}", "shop")
    path = path.replace("{kind}", "order").replace("{order_id}", "1042")
    path = path.replace("{number}", "1")
    for name in ("{cancellation_id}", "{quote_id}", "{refund_id}", "{request_id}"):
        path = path.replace(name, "6f0e1a52-5c3a-4f5e-9d0b-0c7f6e6b7a11")
    return await caller.request(method, path, json={} if method in ("POST", "PUT") else None)


async def test_every_route_is_in_the_table(shop: Shop) -> None:
    assert {route for route in _routes(shop.app) if route[1] not in OPEN | SIGNED} == set(ROUTES)


@pytest.mark.parametrize("scope", Scope)
async def test_a_key_reaches_only_the_routes_of_its_scope(shop: Shop, scope: Scope) -> None:
    caller = await shop.as_key(scope)
    for (method, path), takes in ROUTES.items():
        answer = await _call(caller, method, path)
        may = scope in (takes, Scope.ADMIN)
        assert (answer.status_code != 403) is may, (method, path, answer.text)
        if not may:
            assert answer.json()["code"] == "not_allowed"
            assert answer.json()["params"] == {"scope": takes}


async def test_without_a_key_or_a_signature_only_health_answers(shop: Shop) -> None:
    caller = shop.anonymous()
    for method, path in _routes(shop.app):
        answer = await _call(caller, method, path)
        if path in SIGNED:
            assert answer.json()["code"] in ("webhook_rejected", "provider_unknown"), (method, path)
            continue
        if path in OPEN:
            assert answer.status_code in (200, 503)
            continue
        assert answer.status_code == 401, (method, path)
        assert answer.json()["code"] == "unauthenticated"
        assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "header", ["Bearer rsc_unknown", "Bearer ", "Basic cnNjOnJzYw==", "rsc_unknown", "Bearer é"]
)
async def test_what_is_no_key_is_refused(shop: Shop, header: str) -> None:
    caller = shop.anonymous()
    answer = await caller.get("/v1/reasons", headers={b"Authorization": header.encode()})
    assert answer.status_code == 401


async def test_a_revoked_key_is_refused_when_it_is_looked_up_again(shop: Shop) -> None:
    caller = await shop.as_key(Scope.READ)
    assert (await caller.get("/v1/reasons")).status_code == 200
    async with shop.context.sessions.begin() as session:
        await session.execute(update(ApiKeyRow).values(revoked_at=shop.context.clock()))
    shop.app.state.keys = KnownKeys(shop.context.sessions)
    assert (await caller.get("/v1/reasons")).status_code == 401


async def test_a_scope_that_no_longer_exists_grants_nothing(shop: Shop) -> None:
    caller = await shop.as_key("conquer")  # type: ignore[arg-type]
    assert (await caller.get("/v1/reasons")).status_code == 403
