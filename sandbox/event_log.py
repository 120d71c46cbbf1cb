"""Reading what happened."""

from typing import Any

import asyncpg

from sandbox import forms, objects, pages
from sandbox.calls import Asked
from sandbox.objects import Json
from sandbox.refusals import missing

LIST: dict[str, forms.Kind] = pages.FIELDS | {"type": forms.text, "types": forms.words}


async def retrieve(connection: asyncpg.Connection, asked: Asked) -> Json:
    row = await connection.fetchrow("SELECT * FROM sandbox.events WHERE id = $1", asked.id)
    if row is None:
        raise missing("event", asked.id)
    return objects.event(row)


async def listed(connection: asyncpg.Connection, asked: Asked) -> Json:
    wanted: Any = asked.params.get("types") or asked.params.get("type")
    where = {"type": wanted} if wanted else {}
    return await pages.show(connection, asked, "events", objects.event, where=where)
