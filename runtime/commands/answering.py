"""Commands that answer a cancellation that waits: approve, decline, undo."""

import json
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import click
from click.exceptions import Exit

from runtime.client import Client, connect
from runtime.commands import amounts
from runtime.commands.cancelling import CAME_TO_NOTHING, follow, setting_of
from runtime.telling import cancellation

_PATIENCE = 3.0
"""Seconds to wait for the new state; the answer counts without us."""

_F = TypeVar("_F", bound=Callable[..., Any])


def _answering(command: _F) -> _F:
    """What all three are told."""
    option = click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
    return click.argument("id_", metavar="CANCELLATION", type=click.UUID)(option(command))


@click.command()
@_answering
@click.option("--refund", metavar="AMOUNT", help="How much goes back, such as 600.00.")
def approve(id_: UUID, as_json: bool, refund: str | None) -> None:
    """Say yes to a cancellation that waits for approval.

    The exit code is 1 if it came to nothing all the same.
    """
    client = connect()
    body = {} if refund is None else {"refund_minor": _minor(client, id_, refund)}
    state = _answer(client, id_, "approve", body, as_json)
    raise Exit(1 if state in CAME_TO_NOTHING else 0)


@click.command()
@_answering
def decline(id_: UUID, as_json: bool) -> None:
    """Say no to a cancellation that waits for approval; everything stays as it is."""
    _answer(connect(), id_, "decline", {}, as_json)


@click.command()
@_answering
def undo(id_: UUID, as_json: bool) -> None:
    """Take a cancellation back while that is still possible."""
    _answer(connect(), id_, "undo", {}, as_json)


def _answer(client: Client, id_: UUID, word: str, body: dict[str, Any], as_json: bool) -> str:
    """Send the answer and print the state it led to."""
    answer = client.post(f"/v1/cancellations/{id_}/{word}", body)
    passing = {"awaiting_approval", "working"} | ({"undo_window"} if word != "approve" else set())
    answer = follow(client, answer, passing, _PATIENCE)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        lines = cancellation.lines(answer, setting_of(client, answer))
        click.echo("\n".join(lines))
    return str(answer["state"])


def _minor(client: Client, id_: UUID, text: str) -> int:
    currency = client.get(f"/v1/cancellations/{id_}")["currency"]
    return amounts.minor(text, currency, "--refund")
