"""Made-up requests to every route: nothing breaks, and every answer is one that is documented."""

import asyncio
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode, checks
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from domain.reports import AppointmentReport
from domain.resources import Resource
from domain.subjects import Kind, SubjectRef
from storage.invariants import violations
from tests.api.conftest import STAFF, Shop
from tests.api.streaming import served
from tests.api.test_cancellations import ASK, a_body, ask
from use_cases import records, resources
from use_cases.actors import Scope

API_PAGE = (Path(__file__).parents[2] / "docs" / "api.md").read_text()
CHECKS = [
    checks.not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
HOURS = {str(day): [("00:00", "24:00")] for day in range(1, 8)}

Ids = Mapping[str, str]

UNFURNISHED = ("due_id", "difference_id", "reconciliation_id", "number")
"""What nothing here comes to: these are asked for in vain."""


@schemathesis.serializer("application/x-ndjson")
def as_lines(_: schemathesis.SerializationContext, body: Any) -> bytes:
    """Whatever is made up for an import, as it stands or as JSON."""
    text = body if isinstance(body, str) else json.dumps(body)
    return text.encode(errors="surrogatepass")


@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
async def test_a_few_made_up_requests_to_every_route(live: Shop, database: str) -> None:
    few = settings(max_examples=4, derandomize=True, phases=[Phase.generate])
    await _explore(live, database, few)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::hypothesis.errors.HypothesisDeprecationWarning")
async def test_many_made_up_requests_to_every_route(live: Shop, database: str) -> None:
    await _explore(live, database, settings(max_examples=50, phases=[Phase.generate]))


async def _explore(live: Shop, database: str, effort: settings) -> None:
    """Ask every route with ids that exist and with others, by the rules and against them."""
    ids = await _furnish(live)
    secret = await live.secret(Scope.ADMIN)
    async with served(live.context, database) as stand:
        effort = settings(
            effort, database=None, deadline=None, suppress_health_check=list(HealthCheck)
        )
        explorer = Explorer(stand.url, secret, live.app.openapi(), ids, effort)
        await asyncio.to_thread(explorer.explore)
        assert explorer.succeeded > explorer.operations
    async with live.context.sessions() as session:
        assert await violations(session) == []


async def _furnish(live: Shop) -> Ids:
    """One of each thing there is, with a cancellation that waits for an answer."""
    order = await live.order("asks")
    hall = Resource(title="Hall", zone="Europe/Berlin", weekly_hours=HOURS, capacity=1_000)
    await resources.put(live.context, "hall", hall)
    start = live.context.clock() + timedelta(days=3)
    appointment = SubjectRef(kind=Kind.APPOINTMENT, id=f"a-{uuid4().hex[:12]}")
    report = {"stage": "booked", "currency": "EUR", "resource": "hall", "policy": {"id": "asks"}}
    times = {"starts_at": start, "ends_at": start + timedelta(hours=1)}
    told = AppointmentReport.model_validate(report | times)
    await records.report(live.context, STAFF, appointment, told)
    caller = await live.as_key(*ASK)
    waiting = (await ask(caller, a_body(await live.order("asks")))).json()
    quote = (await caller.post("/v1/quotes", json=a_body(order))).json()
    wish = {"subject": a_body(await live.order())["subject"], "amount_minor": 100}
    asked = (await caller.post("/v1/refund-requests", json=wish)).json()
    return {
        "order_id": order.id,
        "appointment_id": appointment.id,
        "resource_id": "hall",
        "cancellation_id": waiting["id"],
        "quote_id": quote["id"],
        "request_id": asked["id"],
        "refund_id": asked["refunds"][0]["id"],
        "policy_id": "asks",
        "code": "changed_mind",
        "account": "credit/c1",
        "provider": "sandbox",
        **{name: str(uuid4()) for name in UNFURNISHED},
    }


class Explorer:
    """Calls a served API from another thread. `succeeded` counts answers that were no problem."""

    def __init__(
        self, url: str, secret: str, description: dict[str, Any], ids: Ids, effort: settings
    ) -> None:
        self._url = url
        self._ids = ids
        self._effort = effort
        self._schema = schemathesis.openapi.from_dict(description)
        self._http = requests.Session()
        self._http.headers["Authorization"] = f"Bearer {secret}"
        self._body = {
            "subject": {"kind": "order", "id": ids["order_id"]},
            "zone": "Europe/Berlin",
            "weekly_hours": {"1": [["09:00", "12:00"]]},
        }
        self._query = {"from": "2026-12-07T00:00:00Z", "to": "2026-12-14T00:00:00Z"}
        self.operations = self.succeeded = 0

    def explore(self) -> None:
        for operation in self._operations():
            self.operations += 1
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                self._call(operation, mode)

    def _operations(self) -> Iterator[Any]:
        for found in self._schema.get_all_operations():
            assert isinstance(found, Ok), found
            operation = found.ok()
            if not operation.path.endswith("/stream"):
                yield operation

    def _call(self, operation: Any, mode: GenerationMode) -> None:
        names = [parameter.name for parameter in operation.path_parameters]
        known = {name: self._ids[name] for name in names}
        cases = [operation.as_strategy(mode)]
        if known:
            cases.append(operation.as_strategy(mode, path_parameters=known))

        @self._effort
        @given(st.one_of(cases))
        def call(case: Any) -> None:
            self._aim(case)
            answer = case.call(base_url=self._url, session=self._http)
            case.validate_response(answer, checks=CHECKS)
            self._check_documented(operation, answer)

        try:
            call()
        except Unsatisfiable:  # a route that takes nothing can't be given anything wrong
            assert mode is GenerationMode.NEGATIVE

    def _aim(self, case: Any) -> None:
        """Have a request that is well-formed name what is there, where chance never would."""
        if case.meta.generation.mode is GenerationMode.NEGATIVE:
            return
        for known in (self._body, self._query):
            given = case.body if known is self._body else case.query
            if isinstance(given, dict):
                given |= {name: known[name] for name in given.keys() & known.keys()}

    def _check_documented(self, operation: Any, answer: Any) -> None:
        """Good answers are described one by one; problems have a code that the page explains."""
        if str(answer.status_code) in operation.definition.raw["responses"]:
            self.succeeded += 1
            return
        assert answer.status_code >= 400, f"{answer.status_code} is not described"
        assert answer.headers["content-type"] == ["application/problem+json"]
        code = answer.json()["code"]
        assert f"`{code}`" in API_PAGE, f"{code} is not in docs/api.md"
