"""What an identity provider's token says, believed only once all about it was checked."""

import hmac
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, NamedTuple

import jwt
from jwt import PyJWK
from jwt.exceptions import (
    ExpiredSignatureError,
    ImmatureSignatureError,
    InvalidAudienceError,
    InvalidIssuerError,
    InvalidSignatureError,
    MissingRequiredClaimError,
    PyJWTError,
)

from domain.errors import IdentityRefused

ALGORITHMS: Sequence[str] = (
    *("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "EdDSA"),
)
"""Signatures that take a private key to make. `none` and shared secrets never count."""

LEEWAY = timedelta(seconds=60)
"""How far the provider's clock may be from ours."""

_REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
_CAUSES: Sequence[tuple[type[PyJWTError], str]] = (
    (ExpiredSignatureError, "expired"),
    (ImmatureSignatureError, "not_yet"),
    (InvalidAudienceError, "audience"),
    (InvalidIssuerError, "issuer"),
    (InvalidSignatureError, "signature"),
    (MissingRequiredClaimError, "incomplete"),
)

Claims = Mapping[str, Any]


class Expected(NamedTuple):
    """What a token has to name: who made it, for whom, and for which try to sign in."""

    issuer: str
    client_id: str
    nonce: str


class Header(NamedTuple):
    """`kid` is the key a token says it was signed with, None if it doesn't say."""

    algorithm: str
    kid: str | None


def read_header(token: str) -> Header:
    """How a token says it is signed. Raises IdentityRefused for a way that isn't allowed."""
    try:
        told = jwt.get_unverified_header(token)
    except PyJWTError:
        raise IdentityRefused("unreadable") from None
    if told.get("alg") not in ALGORITHMS:
        raise IdentityRefused("algorithm")
    return Header(told["alg"], told.get("kid"))


def verify(token: str, header: Header, key: Mapping[str, Any], expected: Expected) -> Claims:
    """Check a token against one key of the provider's. Raises IdentityRefused."""
    if key.get("alg", header.algorithm) != header.algorithm:
        raise IdentityRefused("algorithm")
    try:
        claims: Claims = jwt.decode(
            token,
            PyJWK(dict(key), algorithm=header.algorithm),
            algorithms=ALGORITHMS,
            audience=expected.client_id,
            issuer=expected.issuer,
            leeway=LEEWAY,
            options={"require": _REQUIRED, "enforce_minimum_key_length": True},
        )
    except PyJWTError as error:
        raise IdentityRefused(_cause(error)) from None
    if not _is_for(expected.client_id, claims):
        raise IdentityRefused("audience")
    if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), expected.nonce.encode()):
        raise IdentityRefused("nonce")
    return claims


def _is_for(client_id: str, claims: Claims) -> bool:
    """A token for several has to say which of them asked for it (OpenID Connect Core, 3.1.3.7)."""
    is_for_several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    party = claims.get("azp", None if is_for_several else client_id)
    return bool(party == client_id)


def _cause(error: PyJWTError) -> str:
    return next((cause for kind, cause in _CAUSES if isinstance(error, kind)), "token")
