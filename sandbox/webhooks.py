"""Signed webhooks of the card sandbox, in the manner of the big processors."""

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

HEADER = "Sandbox-Signature"


def event(refund_id: str, at: datetime, event_id: str | None = None) -> dict[str, object]:
    """News of a refund. A repeat of the same delivery keeps its `event_id`."""
    return {
        "id": event_id or f"evt_{uuid4().hex}",
        "type": "refund.updated",
        "created": int(at.timestamp()),
        "refund": refund_id,
    }


def body(events: Sequence[dict[str, object]]) -> bytes:
    return json.dumps({"events": list(events)}).encode()


def sign(secret: str, payload: bytes, at: datetime) -> dict[str, str]:
    """The header that goes with a body sent at that instant."""
    moment = str(int(at.timestamp()))
    signed = moment.encode() + b"." + payload
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {HEADER: f"t={moment},v1={signature}"}
