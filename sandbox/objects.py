"""Rows as the objects of the wire. What is absent there when it says nothing is left out."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

Row = Mapping[str, Any]
Json = dict[str, Any]

VERSION = "2026-10-28.endive"


def charge_of(ref: str) -> str:
    return f"ch_{ref}"


def payment_of(charge: str) -> str:
    """The payment that a charge belongs to."""
    return charge.removeprefix("ch_")


def status(row: Row) -> str:
    if row["voided"]:
        return "canceled"
    if row["captured"]:
        return "succeeded"
    if row["authorised"]:
        return "requires_capture"
    return "requires_confirmation" if row["payment_method"] else "requires_payment_method"


def payment_intent(row: Row) -> Json:
    is_held = status(row) == "requires_capture"
    has_charge = bool(row["authorised"] or row["captured"])
    return {
        "id": row["ref"],
        "object": "payment_intent",
        "amount": _amount(row),
        "amount_capturable": row["authorised"] if is_held else 0,
        "amount_received": row["captured"],
        "cancellation_reason": row["cancellation_reason"],
        "capture_method": row["capture_method"],
        "client_secret": f"{row['ref']}_secret",
        "confirmation_method": "automatic",
        "created": seconds(row["created_at"]),
        "currency": row["currency"].lower(),
        "latest_charge": charge_of(row["ref"]) if has_charge else None,
        "livemode": False,
        "metadata": metadata(row),
        "payment_method": row["payment_method"],
        "payment_method_types": ["card"],
        "status": status(row),
        "transfer_data": {"destination": row["destination"]} if row["destination"] else None,
    }


def charge(row: Row) -> Json:
    """The charge of a payment that was authorised or captured."""
    return {
        "id": charge_of(row["ref"]),
        "object": "charge",
        "amount": _amount(row),
        "amount_captured": row["captured"],
        "amount_refunded": row["refunded"],
        "captured": row["captured"] > 0,
        "created": seconds(row["created_at"]),
        "currency": row["currency"].lower(),
        "livemode": False,
        "metadata": metadata(row),
        "paid": True,
        "payment_intent": row["ref"],
        "payment_method": row["payment_method"],
        "refunded": row["captured"] > 0 and row["refunded"] == row["captured"],
        "status": "succeeded",
        "transfer": f"tr_{row['ref']}" if row["destination"] else None,
    }


def refund(row: Row) -> Json:
    told: Json = {
        "id": row["id"],
        "object": "refund",
        "amount": row["amount"],
        "balance_transaction": _transaction("txn", row),
        "charge": charge_of(row["ref"]),
        "created": seconds(row["created_at"]),
        "currency": row["currency"].lower(),
        "destination_details": {"card": {"type": "refund"}, "type": "card"},
        "metadata": metadata(row),
        "payment_intent": row["ref"],
        "reason": row["reason"],
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "canceled" if row["state"] == "cancelled" else row["state"],
        "transfer_reversal": _transaction("trr", row) if row["reverse_transfer"] else None,
    }
    match row["state"]:
        case "failed":
            told["failure_reason"] = row["failure"]
            told["failure_balance_transaction"] = _transaction("txn_back", row)
        case "pending":
            told["pending_reason"] = row["pending_reason"] or "processing"
        case "requires_action":
            told["next_action"] = _next_action(row)
    return told


def event(row: Row) -> Json:
    data: Json = {"object": json.loads(row["object"])}
    if row["previous"] is not None:
        data["previous_attributes"] = json.loads(row["previous"])
    return {
        "id": row["id"],
        "object": "event",
        "api_version": VERSION,
        "created": seconds(row["created_at"]),
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": None, "idempotency_key": row["key"]},
        "type": row["type"],
    }


def endpoint(row: Row) -> Json:
    """A webhook endpoint, without its secret: that is told once, when it is made."""
    return {
        "id": row["id"],
        "object": "webhook_endpoint",
        "api_version": VERSION,
        "created": seconds(row["created_at"]),
        "enabled_events": list(row["enabled_events"]),
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": row["url"],
    }


def page(url: str, items: list[Json], *, has_more: bool) -> Json:
    return {"object": "list", "data": items, "has_more": has_more, "url": url}


def metadata(row: Row) -> dict[str, str]:
    return dict(json.loads(row["metadata"]))


def seconds(at: datetime) -> int:
    return int(at.timestamp())


def _amount(row: Row) -> int:
    return int(row["amount"] or max(row["authorised"], row["captured"]))


def _transaction(prefix: str, row: Row) -> str:
    return f"{prefix}_{row['id'].removeprefix('re_')}"


def _next_action(row: Row) -> Json:
    at = seconds(row["created_at"])
    details = {
        "email_sent": {"email_sent_at": at, "email_sent_to": "customer@example.com"},
        "expires_at": at + 45 * 24 * 3600,
    }
    return {"type": "display_details", "display_details": details}
