"""Where webhooks go."""

import secrets
from uuid import uuid4

import asyncpg

from sandbox import forms, objects
from sandbox.calls import Asked
from sandbox.objects import Json
from sandbox.refusals import missing

CREATE: dict[str, forms.Kind] = {
    "url": forms.text,
    "enabled_events": forms.words,
    "api_version": forms.one_of(objects.VERSION),
}
REQUIRED = ("url", "enabled_events")


async def create(connection: asyncpg.Connection, asked: Asked) -> Json:
    """Make one; its secret is told this once. The same address again gets a new secret."""
    secret = f"whsec_{secrets.token_hex(16)}"
    row = await keep(connection, asked.params["url"], secret, asked.params["enabled_events"])
    return objects.endpoint(row) | {"secret": secret}


async def keep(
    connection: asyncpg.Connection, url: str, secret: str, enabled_events: list[str]
) -> asyncpg.Record:
    return await connection.fetchrow(
        "INSERT INTO sandbox.endpoints VALUES ($1, $2, $3, $4, sandbox.now())"
        " ON CONFLICT (url) DO UPDATE SET secret = excluded.secret,"
        " enabled_events = excluded.enabled_events RETURNING *",
        *(f"we_{uuid4().hex[:24]}", url, secret, enabled_events),
    )


async def listed(connection: asyncpg.Connection, asked: Asked) -> Json:
    rows = await connection.fetch("SELECT * FROM sandbox.endpoints ORDER BY created_at DESC")
    return objects.page(asked.path, [objects.endpoint(row) for row in rows], has_more=False)


async def delete(connection: asyncpg.Connection, asked: Asked) -> Json:
    gone = await connection.execute("DELETE FROM sandbox.endpoints WHERE id = $1", asked.id)
    if gone == "DELETE 0":
        raise missing("webhook_endpoint", asked.id)
    return {"id": asked.id, "object": "webhook_endpoint", "deleted": True}
