"""Letting a call in: who asks, what for, under which key, and what was scripted for it."""

import asyncio
import json
import logging
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import parse_qsl, urlencode
from uuid import uuid4

import asyncpg
from starlette.requests import Request
from starlette.responses import Response

from sandbox import forms, keys, moves, refusals
from sandbox.calls import Asked, Fault
from sandbox.cards import Cards
from sandbox.line import Cut
from sandbox.objects import VERSION, Json
from sandbox.refusals import Refused
from sandbox.routes import Route

log = logging.getLogger(__name__)


class Door:
    """Every call comes through here, each in one transaction of its own."""

    def __init__(self, cards: Cards) -> None:
        self.closing = asyncio.Event()
        self._cards = cards
        self._in_use: set[str] = set()

    async def answer(self, route: Route, request: Request) -> Response:
        try:
            _check_head(request)
            return await self._serve(route, await _read(route, request))
        except Refused as no:
            return told(no.status, no.body)
        except asyncpg.CheckViolationError:
            wrong = refusals.impossible("The amounts don't add up.", param="amount")
            return told(wrong.status, wrong.body)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            log.exception("the database of the sandbox")
            return told(HTTPStatus.INTERNAL_SERVER_ERROR, refusals.broken().body)

    async def _serve(self, route: Route, asked: Asked) -> Response:
        async with self._cards.pool.acquire() as connection:
            called = await _arrive(connection, route, asked)
            if called["moves_due"]:
                await moves.settle(connection)
        fault = _fault(called)
        match fault.behaviour if fault else None:
            case "unavailable":
                return Cut()
            case "hangs":
                return await self._cut(fault)
            case "rate_limited":
                raise refusals.rate_limited()
            case "conflict":
                raise refusals.locked()
        response = await self._once(route, asked, called, fault)
        if fault and fault.behaviour == "loses_reply":
            return await self._cut(fault)
        return response

    async def _once(
        self, route: Route, asked: Asked, called: asyncpg.Record, fault: Fault | None
    ) -> Response:
        """Do it, unless it was done under this key, or is being done right now."""
        if asked.key in self._in_use:
            raise refusals.key_in_use(asked.key or "")
        if called["status"] is not None:
            if called["asked"] != asked.fingerprint:
                raise refusals.key_reused(asked.key or "")
            return told(called["status"], called["body"], replayed=True)
        if asked.key:
            self._in_use.add(asked.key)
        try:
            if fault and fault.behaviour == "answers_late" and not await self._wait(fault):
                return Cut()
            return told(*await self._work(route, asked.with_fault(fault)))
        except Refused as no:
            return told(no.status, no.body)
        finally:
            self._in_use.discard(asked.key or "")

    async def _work(self, route: Route, asked: Asked) -> tuple[int, Json]:
        async with self._cards.pool.acquire() as connection:
            if route.method == "GET":
                return await _do(connection, route, asked)
            try:
                async with connection.transaction():
                    status, body = await _do(connection, route, asked)
                    await keys.finish(connection, asked, status, body)
                    return status, body
            except Refused as no:
                if no.kept:
                    await keys.finish(connection, asked, no.status, no.body, undone=True)
                raise

    async def _cut(self, fault: Fault | None) -> Response:
        if fault:
            await self._wait(fault)
        return Cut()

    async def _wait(self, fault: Fault) -> bool:
        """Wait as scripted. False: the sandbox stops meanwhile."""
        with suppress(TimeoutError):
            async with asyncio.timeout(fault.seconds):
                await self.closing.wait()
        return not self.closing.is_set()


async def _do(connection: asyncpg.Connection, route: Route, asked: Asked) -> tuple[int, Json]:
    if asked.meets("server_error"):
        raise refusals.broken()
    if asked.fault and asked.meets("rejects"):
        raise refusals.declined(asked.failure, retryable=asked.fault.retryable)
    body = await route.work(connection, asked)
    if asked.meets("server_error_after"):
        return HTTPStatus.INTERNAL_SERVER_ERROR, refusals.broken().body
    return HTTPStatus.OK, body


async def _read(route: Route, request: Request) -> Asked:
    """Raises Refused where the parameters make no sense; such a call leaves no trace."""
    is_post = request.method == "POST"
    sent = (await request.body()).decode() if is_post else request.url.query
    params = forms.read(forms.decode(sent), route.fields)
    forms.need(params, *route.required)
    route.check(params)
    key = request.headers.get("idempotency-key") if is_post else None
    if key is not None and not 1 <= len(key) <= 255:
        raise refusals.invalid("An idempotency key has 1 to 255 characters.", "Idempotency-Key")
    path = request.url.path
    in_order = urlencode(sorted(parse_qsl(sent, keep_blank_values=True)))
    return Asked(params, request.path_params.get("id", ""), path, key, f"{path}?{in_order}")


def _check_head(request: Request) -> None:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.startswith("sk_test_"):
        raise Refused(HTTPStatus.UNAUTHORIZED, f"Invalid API Key provided: {key[:8]}", kept=False)
    version = request.headers.get("stripe-version", VERSION)
    if version != VERSION:
        raise refusals.invalid(f"Invalid Stripe API version: {version}", "Stripe-Version")


async def _arrive(connection: asyncpg.Connection, route: Route, asked: Asked) -> asyncpg.Record:
    amount = asked.params.get("amount", asked.params.get("amount_to_capture"))
    return await connection.fetchrow(
        "SELECT * FROM sandbox.arrive($1, $2, $3, $4, $5, $6)",
        route.named(asked.params),
        asked.key,
        route.ref(asked),
        route.refund(asked),
        amount,
        asked.params.get("currency"),
    )


def _fault(called: asyncpg.Record) -> Fault | None:
    if called["behaviour"] is None:
        return None
    return Fault(*(called[name] for name in ("behaviour", "failure", "retryable", "seconds")))


def told(status: int, body: Json | str, *, replayed: bool = False) -> Response:
    headers = {"Request-Id": f"req_{uuid4().hex[:14]}", "Stripe-Version": VERSION}
    if replayed:
        headers["Idempotent-Replayed"] = "true"
    content = body if isinstance(body, str) else json.dumps(body)
    return Response(content, status, headers, "application/json")
