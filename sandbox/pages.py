"""Lists, newest first, in pages."""

from collections.abc import Callable, Mapping
from typing import Any

import asyncpg

from sandbox import forms
from sandbox.calls import Asked
from sandbox.objects import Json, Row, page
from sandbox.refusals import missing

FIELDS: dict[str, forms.Kind] = {
    "limit": forms.limit,
    "starting_after": forms.text,
    "ending_before": forms.text,
    "created": forms.span,
}


async def show(
    connection: asyncpg.Connection,
    asked: Asked,
    table: str,
    render: Callable[[Row], Json],
    *,
    name: str = "id",
    where: Mapping[str, Any] | None = None,
) -> Json:
    """One page of a table; `where` has a value, or a list of them, for each column to keep to.

    A list that goes back from `ending_before` is told newest first as well.
    """
    since, until = asked.params.get("created", (None, None))
    back = "ending_before" in asked.params
    cursor = asked.params.get("ending_before" if back else "starting_after")
    size = asked.params.get("limit", 10)
    place = await _place(connection, table, name, cursor) if cursor else None
    rows = await connection.fetch(
        f"SELECT * FROM sandbox.{table}"
        " WHERE ($1::timestamptz IS NULL OR created_at >= $1)"
        " AND ($2::timestamptz IS NULL OR created_at < $2)"
        f" AND ($3::bigint IS NULL OR seq {'>' if back else '<'} $3)"
        + "".join(f" AND {column} = ANY(${n})" for n, column in enumerate(where or {}, 5))
        + f" ORDER BY seq {'ASC' if back else 'DESC'} LIMIT $4",
        *(since, until, place, size + 1),
        *[_all(value) for value in (where or {}).values()],
    )
    shown = [render(row) for row in rows[:size]]
    return page(asked.path, shown[::-1] if back else shown, has_more=len(rows) > size)


async def _place(connection: asyncpg.Connection, table: str, name: str, cursor: str) -> int:
    place = await connection.fetchval(f"SELECT seq FROM sandbox.{table} WHERE {name} = $1", cursor)
    if place is None:
        raise missing(table.removesuffix("s"), cursor)
    return int(place)


def _all(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
