"""Messages signed as Standard Webhooks says: https://www.standardwebhooks.com"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from domain.errors import WebhookRejected

TOLERANCE = timedelta(minutes=5)
"""How far the signed instant may be from ours, either way: an old one may be a replay."""

_PREFIX = "whsec_"


def sign(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers of a message. A secret may be written as `whsec_` with base64, or as it is."""
    moment = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{_signature(secret, message_id, moment, body)}",
    }


def verify(
    secret: str, headers: Mapping[str, str], body: bytes, now: datetime | None = None
) -> str:
    """Check a message and return its id. Raises WebhookRejected; without a secret always."""
    given = {name.lower(): value for name, value in headers.items()}
    message_id, moment = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    if not (secret and message_id and moment.isdecimal()):
        raise WebhookRejected("the message isn't signed")
    right = _signature(secret, message_id, moment, body).encode()
    signatures = [one.partition(",")[2] for one in given.get("webhook-signature", "").split()]
    if not any(hmac.compare_digest(right, one.encode()) for one in signatures):
        raise WebhookRejected("the message's signature doesn't match")
    age = (now or datetime.now(UTC)).timestamp() - int(moment)
    if abs(age) > TOLERANCE.total_seconds():
        raise WebhookRejected("the message is too old, or from a clock that is wrong")
    return message_id


def _signature(secret: str, message_id: str, moment: str, body: bytes) -> str:
    signed = f"{message_id}.{moment}.".encode() + body
    return base64.b64encode(hmac.new(_key(secret), signed, hashlib.sha256).digest()).decode()


def _key(secret: str) -> bytes:
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise WebhookRejected("the secret behind whsec_ isn't base64") from error
