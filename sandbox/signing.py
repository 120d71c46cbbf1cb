"""Signing webhooks, as Stripe signs them."""

import hashlib
import hmac
from datetime import datetime

HEADER = "Stripe-Signature"


def headers(secret: str, payload: bytes, at: datetime) -> dict[str, str]:
    """What goes with a body sent at that instant."""
    moment = str(int(at.timestamp()))
    signed = moment.encode() + b"." + payload
    signature = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    return {
        HEADER: f"t={moment},v1={signature}",
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0",
    }
