"""Signed links, ways back and tokens of forms. The first of several secrets signs, all are read."""

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from itsdangerous import BadData, URLSafeTimedSerializer

LINK_LIFE = timedelta(days=90)
"""How long the link of a mail opens its order or appointment."""

WAY_LIFE = timedelta(minutes=10)
"""How long somebody may take to sign in elsewhere and come back."""


class Signing:
    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("signing takes a secret")
        self._secrets = tuple(keys)
        self._links = self._serializer("portal-link")
        self._ways = self._serializer("portal-way")

    def link(self, subject_id: UUID) -> str:
        """A token for the one link of a subject. It names a row, and no person."""
        return self._links.dumps(subject_id.hex)

    def read_link(self, token: str) -> UUID | None:
        """The subject a token was signed for; None if it wasn't signed here or is too old."""
        try:
            return UUID(self._links.loads(token, max_age=int(LINK_LIFE.total_seconds())))
        except (BadData, ValueError, TypeError):
            return None

    def way(self, told: Sequence[str]) -> str:
        """What somebody who is sent elsewhere brings back: signed, and readable on the way."""
        return self._ways.dumps(list(told))

    def read_way(self, token: str) -> Sequence[str] | None:
        """None if it wasn't signed here or is too old."""
        try:
            told: list[str] = self._ways.loads(token, max_age=int(WAY_LIFE.total_seconds()))
        except BadData:
            return None
        return told

    def derive(self, purpose: str, value: str) -> str:
        """A word of 64 letters that only we can make from a value, the same each time."""
        key = f"{purpose}:{self._secrets[0]}".encode()
        return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()

    def form(self, session_id: UUID) -> str:
        """What a session's forms carry, so that no other page can send one.

        Another one each time: pages are compressed, and what stays the same in them can be guessed
        from their lengths (https://www.breachattack.com).
        """
        once = secrets.token_hex(8)
        return once + _mac(self._secrets[0], session_id, once)

    def is_form_of(self, session_id: UUID, token: str) -> bool:
        once, given = token[:_ONCE], token[_ONCE:].encode()
        return any(
            hmac.compare_digest(_mac(secret, session_id, once).encode(), given)
            for secret in self._secrets
        )

    def _serializer(self, salt: str) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(
            list(reversed(self._secrets)),
            salt=salt,
            signer_kwargs={"digest_method": hashlib.sha256},
        )


_ONCE = 16


def _mac(secret: str, session_id: UUID, once: str) -> str:
    signed = session_id.bytes + once.encode()
    return hmac.new(f"form:{secret}".encode(), signed, hashlib.sha256).hexdigest()
