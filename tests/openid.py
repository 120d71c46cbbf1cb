"""A small OpenID provider with real keys, which tests may have say what isn't so."""

import base64
import secrets
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Self

import jwt
import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from providers.openid.provider import challenge
from runtime.ports import LOOPBACK, any_free

CLIENT, SECRET = "rescind at the shop", "a secret: with signs"

Sign = Callable[[Mapping[str, Any]], str]


class Issuer:
    """Whoever is sent here is `person` and signed in already. `sign` makes the token, `told` is
    what only `/userinfo` tells."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.person: dict[str, Any] = {"sub": "c1"}
        self.told: dict[str, Any] = {}
        self.spoilt: dict[str, Any] = {}
        self.sign: Sign = self.signed
        self.is_away = False
        self.asked: dict[str, Mapping[str, str]] = {}
        self.keys_read = 0
        self.rotate()

    @classmethod
    @asynccontextmanager
    async def running(cls) -> AsyncIterator[Self]:
        [port] = any_free()
        issuer = cls(f"http://{LOOPBACK}:{port}")
        config = uvicorn.Config(
            issuer.app(), host=LOOPBACK, port=port, lifespan="off", log_config=None
        )
        config.load()
        server = uvicorn.Server(config)
        server.lifespan = config.lifespan_class(config)
        await server.startup()
        yield issuer
        await server.shutdown()

    def rotate(self) -> None:
        """Sign with a new key from now on; the old one is gone."""
        self.key, self.kid = rsa.generate_private_key(65_537, 2_048), secrets.token_hex(4)

    def signed(self, claims: Mapping[str, Any], **header: Any) -> str:
        return jwt.encode(dict(claims), self.key, "RS256", {"kid": self.kid, **header})

    @property
    def public(self) -> dict[str, Any]:
        key: dict[str, Any] = RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return {**key, "kid": self.kid, "use": "sig", "alg": "RS256"}

    def app(self) -> Starlette:
        routes = {
            "/.well-known/openid-configuration": self._configuration,
            "/authorize": self._authorize,
            "/keys": self._keys,
            "/token": self._token,
            "/userinfo": self._userinfo,
        }
        return Starlette(
            routes=[Route(path, call, methods=["GET", "POST"]) for path, call in routes.items()]
        )

    async def _configuration(self, _: Request) -> Response:
        if self.is_away:
            return Response(status_code=503)
        paths = {
            "authorization_endpoint": "/authorize",
            "token_endpoint": "/token",
            "jwks_uri": "/keys",
            "userinfo_endpoint": "/userinfo",
        }
        told = {name: self.address + path for name, path in paths.items()}
        return JSONResponse({"issuer": self.address, **told})

    async def _authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
        assert asked["client_id"] == CLIENT
        assert "openid" in asked["scope"].split()
        code = secrets.token_hex(8)
        self.asked[code] = asked
        back = f"{asked['redirect_uri']}?code={code}&state={asked['state']}"
        return RedirectResponse(back, 302)

    async def _token(self, request: Request) -> Response:
        form = await request.form()
        asked = self.asked.pop(str(form["code"]), None)
        pair = base64.b64decode(request.headers["authorization"].removeprefix("Basic "))
        is_known = pair == b"rescind%20at%20the%20shop:a%20secret%3A%20with%20signs"
        if asked is None or not is_known or form["redirect_uri"] != asked["redirect_uri"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        if challenge(str(form["code_verifier"])) != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300}
        claims |= {"nonce": asked["nonce"], **self.person, **self.spoilt}
        told = {"access_token": "access", "token_type": "Bearer"}
        return JSONResponse({**told, "id_token": self.sign(claims)})

    async def _keys(self, _: Request) -> Response:
        self.keys_read += 1
        return JSONResponse({"keys": [self.public]})

    async def _userinfo(self, request: Request) -> Response:
        if request.headers["authorization"] != "Bearer access":
            return Response(status_code=401)
        return JSONResponse({"sub": self.person["sub"], **self.told})
