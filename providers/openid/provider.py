"""Signing in at an OpenID Connect provider: the authorization code flow with PKCE."""

import base64
import hashlib
import math
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode

import httpx

from domain.errors import IdentityRefused, ProviderUnavailable
from providers.openid import documents, tokens
from providers.openid.documents import Discovered
from providers.openid.tokens import Claims, Expected, Header

TIME_OUT = timedelta(seconds=5)
KEPT = timedelta(hours=1)
"""How long what a provider publishes is used without asking again."""

AGAIN = timedelta(seconds=10)
"""Unknown keys make us look for new ones, but not more often than this."""


class OpenIdProvider:
    """One provider, at which we are registered as one client. `secret` is None for a public one.

    `wanted` are the claims that somebody is known by: where the token lacks one of them, the
    provider is asked for it.
    """

    def __init__(
        self,
        client: httpx.AsyncClient,
        issuer: str,
        client_id: str,
        secret: str | None,
        wanted: Sequence[str] = ("sub",),
    ) -> None:
        self._client = client
        self._issuer = issuer
        self._client_id = client_id
        self._secret = secret
        self._wanted = wanted
        self._found: Discovered | None = None
        self._found_at = 0.0
        self._keys: Sequence[Mapping[str, Any]] = ()
        self._keys_at = self._looked_at = -math.inf

    async def begin(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """Where a browser is sent to sign in; it comes `back` with a code.

        `verifier` is what only we know, 43 to 128 characters. Raises ProviderUnavailable.
        """
        found = await self._discovered()
        asked = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": back,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in found.authorization_endpoint else "?"
        return f"{found.authorization_endpoint}{joint}{urlencode(asked)}"

    async def redeem(
        self, code: str, back: str, nonce: str, verifier: str, issuer: str | None
    ) -> Claims:
        """Who came back with this code. `issuer` is who says so in the address (RFC 9207).

        Raises IdentityRefused, ProviderUnavailable.
        """
        found = await self._discovered()
        is_told = issuer is not None or found.authorization_response_iss_parameter_supported
        if is_told and issuer != self._issuer:
            raise IdentityRefused("issuer")
        told = await self._exchange(found, code, back, verifier)
        token = told.get("id_token")
        if not isinstance(token, str):
            raise IdentityRefused("no_token")
        header = tokens.read_header(token)
        key = await self._key(found, header)
        expected = Expected(self._issuer, self._client_id, nonce)
        claims = tokens.verify(token, header, key, expected)
        return await self._completed(found, claims, told.get("access_token"))

    async def _discovered(self) -> Discovered:
        now = time.monotonic()
        if self._found is None or now - self._found_at > KEPT.total_seconds():
            self._found = await documents.discover(self._client, self._issuer)
            self._found_at = now
        return self._found

    async def _exchange(
        self, found: Discovered, code: str, back: str, verifier: str
    ) -> Mapping[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back,
            "code_verifier": verifier,
        }
        headers: dict[str, str] = {"Accept": "application/json"}
        if self._secret is None:
            form["client_id"] = self._client_id
        elif "client_secret_basic" in found.token_endpoint_auth_methods_supported:
            headers["Authorization"] = _basic(self._client_id, self._secret)
        else:
            form |= {"client_id": self._client_id, "client_secret": self._secret}
        try:
            answered = await self._client.post(found.token_endpoint, data=form, headers=headers)
            if answered.is_client_error:
                raise IdentityRefused("code")
            told = answered.raise_for_status().json()
        except (httpx.HTTPError, ValueError) as error:
            raise ProviderUnavailable("no answer from the identity provider") from error
        return told if isinstance(told, dict) else {}

    async def _key(self, found: Discovered, header: Header) -> Mapping[str, Any]:
        """The key a token names; without a name, the only one. New ones are looked for once."""
        now = time.monotonic()
        key = _named(self._keys, header.kid)
        is_old = now - self._keys_at > KEPT.total_seconds()
        if is_old or (key is None and now - self._looked_at > AGAIN.total_seconds()):
            self._looked_at = self._looked_at if is_old else now
            self._keys = await documents.read_keys(self._client, found.jwks_uri)
            self._keys_at = now
            key = _named(self._keys, header.kid)
        if key is None:
            raise IdentityRefused("key")
        return key

    async def _completed(self, found: Discovered, claims: Claims, access: object) -> Claims:
        """The claims, with those the provider tells only who asks for them (Core, 5.4)."""
        is_whole = all(name in claims for name in self._wanted)
        if is_whole or found.userinfo_endpoint is None or not isinstance(access, str):
            return claims
        told = await documents.get_json(self._client, found.userinfo_endpoint, access)
        if told.get("sub") != claims["sub"]:
            raise IdentityRefused("subject")
        return {**told, **claims}


def challenge(verifier: str) -> str:
    """What is shown of a verifier before it is (RFC 7636, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _named(keys: Sequence[Mapping[str, Any]], kid: str | None) -> Mapping[str, Any] | None:
    if kid is None:
        return keys[0] if len(keys) == 1 else None
    return next((key for key in keys if key.get("kid") == kid), None)


def _basic(client_id: str, secret: str) -> str:
    """Both are escaped before they are joined (RFC 6749, 2.3.1)."""
    pair = f"{quote(client_id, safe='')}:{quote(secret, safe='')}"
    return f"Basic {base64.b64encode(pair.encode()).decode()}"
