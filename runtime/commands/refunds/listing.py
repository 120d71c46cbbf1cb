"""Commands that show refunds."""

import json
from uuid import UUID

import click

from domain.lifecycle import RefundState
from runtime.client import connect
from runtime.telling import refund


@click.command(name="list")
@click.option("--waiting", is_flag=True, help="Only those that wait for somebody.")
@click.option(
    "--state",
    type=click.Choice([state.value for state in RefundState]),
    help="Only those in this state.",
)
@click.option("--limit", type=click.IntRange(1, 500), default=50, show_default=True)
@click.option("--cursor", help="`next` of the page before.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def list_refunds(
    waiting: bool, state: str | None, limit: int, cursor: str | None, as_json: bool
) -> None:
    """List refunds, the newest first, with what each of them waits for."""
    wanted = {
        "waiting": "true" if waiting else None,
        "state": state,
        "limit": limit,
        "cursor": cursor,
    }
    asked = {name: value for name, value in wanted.items() if value is not None}
    answer = connect().get("/v1/refunds", **asked)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    click.echo("\n".join(refund.table(answer["items"])))
    if answer["next"]:
        click.echo(f"More with --cursor {answer['next']}")


@click.command()
@click.argument("id_", metavar="REFUND", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def show(id_: UUID, as_json: bool) -> None:
    """Show a refund: where it stands, its history, and what can be done about it."""
    answer = connect().get(f"/v1/refunds/{id_}")
    click.echo(json.dumps(answer, indent=2) if as_json else "\n".join(refund.lines(answer)))
