"""Commands that settle a refund which waits for a person."""

import json
from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

import click

from runtime.client import connect
from runtime.telling import refund

_F = TypeVar("_F", bound=Callable[..., Any])


def _settling(command: _F) -> _F:
    """What all of them are told."""
    option = click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
    return click.argument("id_", metavar="REFUND", type=click.UUID)(option(command))


@click.command()
@_settling
@click.option("--reference", required=True, help="What names the payment in your books.")
def pay(id_: UUID, as_json: bool, reference: str) -> None:
    """Say that a refund was paid by hand, in cash or by transfer.

    Above the limit another person, with a key of their own, says so again with the same reference.
    """
    _send(id_, "pay", {"reference": reference}, as_json)


@click.command()
@_settling
def withdraw(id_: UUID, as_json: bool) -> None:
    """Take back that a refund was paid by hand, as long as nobody confirmed it."""
    _send(id_, "withdraw", {}, as_json)


@click.command()
@_settling
def retry(id_: UUID, as_json: bool) -> None:
    """Ask the means of payment again."""
    _send(id_, "retry", {}, as_json)


@click.command()
@_settling
@click.option("--reason", required=True, help="Why nothing goes back.")
def waive(id_: UUID, as_json: bool, reason: str) -> None:
    """Leave it at that: nothing goes back.

    It takes somebody who neither asked for the refund nor approved it.
    """
    _send(id_, "waive", {"reason": reason}, as_json)


@click.command()
@_settling
def credit(id_: UUID, as_json: bool) -> None:
    """Give the money as store credit, as the customer wants it."""
    _send(id_, "accept-credit", {}, as_json)


def _send(id_: UUID, word: str, body: dict[str, Any], as_json: bool) -> None:
    answer = connect().post(f"/v1/refunds/{id_}/{word}", body)
    click.echo(json.dumps(answer, indent=2) if as_json else "\n".join(refund.lines(answer)))
