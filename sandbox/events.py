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
    """An object as it has become; `previous` are the fields it had before, if it existed."""

    type: str
    object: Json
    previous: Json | None = None


async def emit(
    connection: asyncpg.Connection, ref: str, news: Sequence[News], key: str | None = None
) -> None:
    """Tell what happened to a payment, in this order, in the caller's transaction."""
    columns: list[list[Any]] = [
        [f"evt_{uuid4().hex[:24]}" for _ in news],
        [one.type for one in news],
        [json.dumps(one.object) for one in news],
        [json.dumps(one.previous) if one.previous is not None else None for one in news],
    ]
    await connection.execute(_EMIT, *columns, ref, key)


_EMIT = """
WITH told AS (
    INSERT INTO sandbox.events (id, type, object, previous, ref, key, created_at)
    SELECT *, $5, $6, sandbox.now()
    FROM unnest($1::text[], $2::text[], $3::jsonb[], $4::jsonb[])
    RETURNING id, type, seq
), planned AS (
    INSERT INTO sandbox.deliveries (event_id, endpoint_id, due_at)
    SELECT told.id, e.id, sandbox.now() FROM told JOIN sandbox.endpoints e
    ON enabled_events && ARRAY['*', told.type] ORDER BY told.seq
    RETURNING 1
)
SELECT pg_notify('sandbox', '') FROM (SELECT FROM planned LIMIT 1) AS any_planned
"""


def of_payment(type_: str, row: Row, previous: Json | None = None) -> News:
    return News(f"payment_intent.{type_}", objects.payment_intent(row), previous)


def of_new_refund(refund: Row, payment: Row) -> list[News]:
    told = objects.refund(refund)
    news = [News("refund.created", told)]
    if refund["state"] == "failed":
        return [*news, News("refund.failed", told)]
    before = payment["refunded"] - refund["amount"]
    return [
        *news,
        News("charge.refunded", objects.charge(payment), {"amount_refunded": before}),
    ]


def of_changed_refund(refund: Row, before: Json) -> list[News]:
    """`before` is the refund as it was told until now."""
    told = objects.refund(refund)
    previous = {name: value for name, value in before.items() if told.get(name) != value}
    news = [News(type_, told, previous) for type_ in ("refund.updated", "charge.refund.updated")]
    if told["status"] == "failed" != before["status"]:
        news.append(News("refund.failed", told, previous))
    return news
