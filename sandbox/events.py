"""What happened, told as events; each goes to every endpoint that wants its type."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import asyncpg

from sandbox import objects
from sandbox.objects import Json, Row

CHANNEL = "sandbox"
"""Notified when a delivery or a move has become due sooner than anybody expected."""


@dataclass(frozen=True)
class News:
    """An object of a payment as it has become; `previous` are the fields it had before, if any."""

    ref: str
    type: str
    object: Json
    previous: Json | None = None


async def emit(connection: asyncpg.Connection, news: Sequence[News]) -> None:
    """Tell what happened, in this order, in the caller's transaction."""
    await connection.execute(_EMIT, *columns(news), None)


def columns(news: Sequence[News]) -> list[list[Any]]:
    """The first parameters of TELL; the last one is the key that it was asked with."""
    return [
        [f"evt_{uuid4().hex[:24]}" for _ in news],
        [one.ref for one in news],
        [one.type for one in news],
        [json.dumps(one.object) for one in news],
        [json.dumps(one.previous) if one.previous is not None else None for one in news],
    ]


# What is told of must outlive a crash, while scripts and the list of calls need not.
TELL = """
told AS (
    INSERT INTO sandbox.events (id, ref, type, object, previous, key, created_at)
    SELECT *, $6::text, sandbox.now()
    FROM unnest($1::text[], $2::text[], $3::text[], $4::jsonb[], $5::jsonb[])
    RETURNING id, type, seq
), planned AS (
    INSERT INTO sandbox.deliveries (event_id, endpoint_id, due_at)
    SELECT told.id, e.id, sandbox.now() FROM told JOIN sandbox.endpoints e
    ON enabled_events && ARRAY['*', told.type] ORDER BY told.seq
    RETURNING 1
), notified AS (
    SELECT set_config('synchronous_commit', 'on', true),
        (SELECT pg_notify('sandbox', '') FROM planned LIMIT 1)
)
"""
_EMIT = f"WITH {TELL} SELECT FROM notified"


def of_payment(type_: str, row: Row, previous: Json | None = None) -> News:
    return News(row["ref"], f"payment_intent.{type_}", objects.payment_intent(row), previous)


def of_new_refund(refund: Row, payment: Row) -> list[News]:
    ref, told = payment["ref"], objects.refund(refund)
    news = [News(ref, "refund.created", told)]
    if refund["state"] == "failed":
        return [*news, News(ref, "refund.failed", told)]
    before = payment["refunded"] - refund["amount"]
    return [
        *news,
        News(ref, "charge.refunded", objects.charge(payment), {"amount_refunded": before}),
    ]


def of_changed_refund(refund: Row, before: Json) -> list[News]:
    """`before` is the refund as it was told until now."""
    ref, told = refund["ref"], objects.refund(refund)
    previous = {name: value for name, value in before.items() if told.get(name) != value}
    types = ("refund.updated", "charge.refund.updated")
    news = [News(ref, type_, told, previous) for type_ in types]
    if told["status"] == "failed" != before["status"]:
        news.append(News(ref, "refund.failed", told, previous))
    return news
