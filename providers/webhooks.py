"""Signed webhooks: a header `t=instant,v1=signature` over the instant and the raw body."""

import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta

from domain.errors import WebhookRejected

TOLERANCE = timedelta(minutes=5)
"""How far the signed instant may be from ours, either way: an old one may be a replay."""


def verify(headers: Mapping[str, str], name: str, body: bytes, secrets: Sequence[str]) -> None:
    """Check the signature first, then the age: an age that isn't signed means nothing.

    Several secrets may hold and several signatures be given, as while a secret is replaced; one
    that is right is enough. Without a secret nothing is believed.
    """
    given = {header.lower(): value for header, value in headers.items()}.get(name.lower(), "")
    parts = [part.partition("=")[::2] for part in given.split(",")]
    moments = [value for name, value in parts if name.strip() == "t"]
    if len(moments) != 1 or not moments[0].isdecimal():
        raise WebhookRejected("the webhook isn't signed")
    right = [_signature(secret, moments[0], body) for secret in secrets if secret]
    given_ones = [value.encode() for name, value in parts if name.strip() == "v1"]
    if not any(hmac.compare_digest(one, other) for one in right for other in given_ones):
        raise WebhookRejected("the webhook's signature doesn't match")
    if abs(time.time() - int(moments[0])) > TOLERANCE.total_seconds():
        raise WebhookRejected("the webhook is too old, or from a clock that is wrong")


def _signature(secret: str, moment: str, body: bytes) -> bytes:
    signed = moment.encode() + b"." + body
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest().encode()
