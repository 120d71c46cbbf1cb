"""Refunds: made, looked up, noted upon, called back."""

import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import asyncpg

from sandbox import events, forms, moves, objects, pages, payment_intents, trial_cards
from sandbox.calls import Asked
from sandbox.objects import Json, charge_of, payment_of
from sandbox.refusals import Refused, impossible, invalid, missing

CREATE: dict[str, forms.Kind] = {
    "payment_intent": forms.text,
    "charge": forms.text,
    "amount": forms.amount,
    "reason": forms.one_of("duplicate", "fraudulent", "requested_by_customer"),
    "metadata": forms.mapping,
    "reverse_transfer": forms.flag,
    "refund_application_fee": forms.flag,
    "instructions_email": forms.text,
}
UPDATE: dict[str, forms.Kind] = {"metadata": forms.mapping}
LIST: dict[str, forms.Kind] = pages.FIELDS | {
    "payment_intent": forms.text,
    "charge": forms.text,
}

_STATES = {
    "accepts_pending": "pending",
    "requires_action": "requires_action",
    "fails": "failed",
}


def ref(params: Any) -> str | None:
    """The payment that is meant, by itself or by its charge."""
    if charge := params.get("charge"):
        return payment_of(charge)
    return str(params["payment_intent"]) if "payment_intent" in params else None


def check(params: Any) -> None:
    if ref(params) is None:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or"
            " charge.",
            "payment_intent",
            "parameter_missing",
        )


async def create(connection: asyncpg.Connection, asked: Asked) -> Json:
    """Return money of a captured payment: what is asked for, or all that is left.

    What isn't through yet counts as returned; what failed or was called back doesn't.
    """
    payment = await _payment(connection, asked)
    amount = _judge(payment, asked)
    row = await _insert(connection, payment, amount, asked)
    if row["state"] != "failed":
        payment = {**payment, "refunded": payment["refunded"] + amount}
    asked.news.extend(events.of_new_refund(row, payment))
    await _announce(connection, row["id"], payment, asked)
    return objects.refund(row)


async def retrieve(connection: asyncpg.Connection, asked: Asked) -> Json:
    row = await connection.fetchrow("SELECT * FROM sandbox.refunds WHERE id = $1", asked.id)
    if row is None:
        raise missing("refund", asked.id)
    return objects.refund(row)


async def update(connection: asyncpg.Connection, asked: Asked) -> Json:
    """Change notes: those named; an empty one goes, and all of them if all are empty."""
    before = await retrieve(connection, asked)
    named = asked.params.get("metadata", before["metadata"])
    kept = {**before["metadata"], **named} if named else {}
    row = await connection.fetchrow(
        "UPDATE sandbox.refunds SET metadata = $2 WHERE id = $1 RETURNING *",
        *(asked.id, json.dumps({name: word for name, word in kept.items() if word})),
    )
    asked.news.extend(events.of_changed_refund(row, before))
    return objects.refund(row)


async def cancel(connection: asyncpg.Connection, asked: Asked) -> Json:
    """Call back a refund that waits for the customer; no other can be."""
    refund = await retrieve(connection, asked)
    await payment_intents.lock(connection, refund["payment_intent"])
    refund = await retrieve(connection, asked)
    if refund["status"] != "requires_action":
        raise impossible(
            f"This refund can't be canceled because it has a status of {refund['status']}.",
            code="resource_invalid_state",
        )
    await moves.carry_out(
        connection, asked.id, {"state": "cancelled", "reason": None, "retryable": False}
    )
    return await retrieve(connection, asked)


async def listed(connection: asyncpg.Connection, asked: Asked) -> Json:
    payment = ref(asked.params)
    where = {} if payment is None else {"ref": payment}
    return await pages.show(connection, asked, "refunds", objects.refund, where=where)


async def _payment(connection: asyncpg.Connection, asked: Asked) -> Any:
    payment = ref(asked.params)
    assert payment is not None
    try:
        return await payment_intents.lock(connection, payment, "payment_intent")
    except Refused:
        if charge := asked.params.get("charge"):
            raise missing("charge", charge, "charge") from None
        raise


def _judge(payment: Any, asked: Asked) -> int:
    """How much is to be returned."""
    charge = charge_of(payment["ref"])
    left = payment["captured"] - payment["refunded"]
    amount = int(asked.params.get("amount", left))
    if not payment["captured"]:
        raise impossible(
            f"This PaymentIntent ({payment['ref']}) does not have a successful charge to refund.",
            code="payment_intent_unexpected_state",
        )
    if not left:
        raise impossible(
            f"Charge {charge} has already been refunded.", code="charge_already_refunded"
        )
    if amount > left:
        before = "unrefunded amount on charge" if payment["refunded"] else "charge amount"
        raise impossible(
            f"Refund amount ({amount}) is greater than {before} ({left})", param="amount"
        )
    if asked.params.get("reverse_transfer") and not payment["destination"]:
        raise impossible(
            "Cannot reverse transfer because the charge does not have an associated transfer.",
            param="reverse_transfer",
        )
    return amount


async def _insert(connection: asyncpg.Connection, payment: Any, amount: int, asked: Asked) -> Any:
    state = _STATES.get(asked.fault.behaviour if asked.fault else "", "succeeded")
    if trial_cards.lets_refunds_wait(payment["payment_method"]):
        state = "pending"
    failed = state == "failed"
    retryable = failed and asked.fault is not None and asked.fault.retryable
    failure = asked.failure or ("insufficient_funds" if retryable else "declined")
    return await connection.fetchrow(
        _INSERT,
        f"re_{uuid4().hex[:24]}",
        asked.key,
        payment["ref"],
        amount,
        payment["currency"],
        asked.params.get("reason"),
        state,
        failure if failed else None,
        retryable,
        asked.failure if state == "pending" else None,
        asked.params.get("reverse_transfer", False),
        json.dumps(asked.params.get("metadata", {})),
    )


_INSERT = """
WITH made AS (
    INSERT INTO sandbox.refunds (id, key, ref, amount, currency, reason, state, failure,
        retryable, pending_reason, reverse_transfer, metadata, created_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, sandbox.now()) RETURNING *
), taken AS (
    UPDATE sandbox.payments p SET refunded = refunded + made.amount FROM made
    WHERE p.ref = made.ref AND state <> 'failed'
)
SELECT * FROM made
"""


async def _announce(
    connection: asyncpg.Connection, refund_id: str, payment: Any, asked: Asked
) -> None:
    if asked.fault and asked.meets("accepts_pending") and asked.fault.seconds:
        after = timedelta(seconds=asked.fault.seconds)
        await moves.announce(connection, refund_id, "succeeded", after=after)
    elif later := trial_cards.later(payment["payment_method"]):
        state, why = later
        await moves.announce(connection, refund_id, state, why, after=trial_cards.AFTER)
