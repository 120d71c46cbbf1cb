"""Payments: paid, held, taken in part, let go."""

import json
from typing import Any
from uuid import uuid4

import asyncpg

from sandbox import events, forms, objects, pages, trial_cards
from sandbox.calls import Asked
from sandbox.objects import Json, charge_of, payment_of
from sandbox.refusals import impossible, missing

CREATE: dict[str, forms.Kind] = {
    "amount": forms.amount,
    "currency": forms.currency,
    "confirm": forms.flag,
    "capture_method": forms.one_of("automatic", "automatic_async", "manual"),
    "payment_method": forms.text,
    "payment_method_types": forms.words,
    "automatic_payment_methods": forms.mapping,
    "return_url": forms.text,
    "description": forms.text,
    "metadata": forms.mapping,
    "transfer_data": forms.nested(destination=forms.text),
    "application_fee_amount": forms.integer,
}
CONFIRM: dict[str, forms.Kind] = {
    "payment_method": forms.text,
    "return_url": forms.text,
}
CAPTURE: dict[str, forms.Kind] = {
    "amount_to_capture": forms.amount,
    "final_capture": forms.flag,
    "metadata": forms.mapping,
}
CANCEL: dict[str, forms.Kind] = {
    "cancellation_reason": forms.one_of(
        "duplicate", "fraudulent", "requested_by_customer", "abandoned"
    ),
}
READ: dict[str, forms.Kind] = {"expand": forms.words}
REQUIRED = ("amount", "currency")


async def create(connection: asyncpg.Connection, asked: Asked) -> Json:
    params = asked.params
    confirms = params.get("confirm", False)
    if confirms:
        trial_cards.judge(params.get("payment_method"))
    row = await connection.fetchrow(
        "INSERT INTO sandbox.payments (ref, currency, amount, capture_method, payment_method,"
        " destination, metadata, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, sandbox.now())"
        " RETURNING *",
        f"pi_{uuid4().hex[:24]}",
        params["currency"],
        params["amount"],
        params.get("capture_method", "automatic"),
        params.get("payment_method"),
        params.get("transfer_data", {}).get("destination"),
        json.dumps(params.get("metadata", {})),
    )
    asked.news.append(events.of_payment("created", row))
    if confirms:
        row = await _pay(connection, row, row["payment_method"], asked)
    return objects.payment_intent(row)


async def confirm(connection: asyncpg.Connection, asked: Asked) -> Json:
    row = await lock(connection, asked.id)
    _must_be(row, "confirmed", "requires_payment_method", "requires_confirmation")
    method = asked.params.get("payment_method", row["payment_method"])
    trial_cards.judge(method)
    row = await _pay(connection, row, method, asked)
    return objects.payment_intent(row)


async def capture(connection: asyncpg.Connection, asked: Asked) -> Json:
    """Take part or all of what is held, once; the rest is let go."""
    row = await lock(connection, asked.id)
    _must_be(row, "captured", "requires_capture")
    amount = asked.params.get("amount_to_capture", row["authorised"])
    if amount > row["authorised"]:
        raise impossible(
            f"The amount to capture ({amount}) is greater than the capturable amount"
            f" ({row['authorised']}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    before = {"status": "requires_capture", "amount_received": 0}
    row = await connection.fetchrow(
        "UPDATE sandbox.payments SET captured = $2, metadata = metadata || $3::jsonb"
        " WHERE ref = $1 RETURNING *",
        *(asked.id, amount, json.dumps(asked.params.get("metadata", {}))),
    )
    asked.news.append(events.of_payment("succeeded", row, before))
    return objects.payment_intent(row)


async def cancel(connection: asyncpg.Connection, asked: Asked) -> Json:
    """Void: let go of what is held, or of a payment that never came to be."""
    row = await lock(connection, asked.id)
    before = {"status": objects.status(row)}
    _must_be(
        row, "canceled", "requires_payment_method", "requires_confirmation", "requires_capture"
    )
    row = await connection.fetchrow(
        "UPDATE sandbox.payments SET voided = true, cancellation_reason = $2"
        " WHERE ref = $1 RETURNING *",
        *(asked.id, asked.params.get("cancellation_reason")),
    )
    asked.news.append(events.of_payment("canceled", row, before))
    return objects.payment_intent(row)


async def retrieve(connection: asyncpg.Connection, asked: Asked) -> Json:
    row = await connection.fetchrow("SELECT * FROM sandbox.payments WHERE ref = $1", asked.id)
    if row is None:
        raise missing("payment_intent", asked.id, "intent")
    told = objects.payment_intent(row)
    if "latest_charge" in asked.params.get("expand", []) and told["latest_charge"]:
        told["latest_charge"] = objects.charge(row)
    return told


async def listed(connection: asyncpg.Connection, asked: Asked) -> Json:
    return await pages.show(connection, asked, "payments", objects.payment_intent, name="ref")


async def retrieve_charge(connection: asyncpg.Connection, asked: Asked) -> Json:
    row = await connection.fetchrow(
        "SELECT * FROM sandbox.payments WHERE ref = $1 AND (authorised > 0 OR captured > 0)",
        payment_of(asked.id),
    )
    if row is None or asked.id != charge_of(row["ref"]):
        raise missing("charge", asked.id)
    return objects.charge(row)


async def lock(connection: asyncpg.Connection, ref: str, param: str = "intent") -> Any:
    """The payment's row, to be changed in this transaction."""
    row = await connection.fetchrow("SELECT * FROM sandbox.payments WHERE ref = $1 FOR UPDATE", ref)
    if row is None:
        raise missing("payment_intent", ref, param)
    return row


async def _pay(connection: asyncpg.Connection, row: Any, method: str, asked: Asked) -> Any:
    """Authorise all, and capture it unless that is to come later."""
    taken = 0 if row["capture_method"] == "manual" else row["amount"]
    before = {"status": objects.status(row)}
    row = await connection.fetchrow(
        "UPDATE sandbox.payments SET authorised = amount, captured = $2, payment_method = $3"
        " WHERE ref = $1 RETURNING *",
        *(row["ref"], taken, method),
    )
    news = "succeeded" if taken else "amount_capturable_updated"
    asked.news.append(events.of_payment(news, row, before))
    return row


def _must_be(row: Any, what: str, *statuses: str) -> None:
    if objects.status(row) not in statuses:
        raise impossible(
            f"This PaymentIntent could not be {what} because it has a status of"
            f" {objects.status(row)}. Only a PaymentIntent with one of the following statuses may"
            f" be {what}: {', '.join(statuses)}.",
            code="payment_intent_unexpected_state",
        )
