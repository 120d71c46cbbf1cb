"""Whom a caller is taken for, behind a proxy and without one."""

import httpx
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from runtime.serving import api_config
from runtime.settings import Settings

TOLD = {"x-forwarded-for": "192.0.2.66, 203.0.113.9", "x-forwarded-proto": "https"}


async def whom(scope: Scope, receive: Receive, send: Send) -> None:
    request = Request(scope)
    assert request.client
    said = f"{request.url.scheme} {request.client.host}"
    await PlainTextResponse(said)(scope, receive, send)


async def seen_from(peer: str) -> str:
    trusted = api_config(Settings(trusted_proxies="10.0.0.0/8, ::1")).forwarded_allow_ips
    assert trusted
    app = ProxyHeadersMiddleware(whom, trusted_hosts=trusted)  # type: ignore[arg-type]
    transport = httpx.ASGITransport(app, client=(peer, 1))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://rescind") as caller:
        return (await caller.get("/", headers=TOLD)).text


async def test_a_trusted_proxy_says_who_asks_and_the_asker_cannot() -> None:
    assert await seen_from("10.1.2.3") == "https 203.0.113.9"
    assert await seen_from("::1") == "https 203.0.113.9"


async def test_nobody_else_is_believed() -> None:
    assert await seen_from("198.51.100.1") == "http 198.51.100.1"
