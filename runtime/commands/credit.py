"""Commands about gift cards and store credit."""

import json
from urllib.parse import quote

import click

from domain.money import plain
from runtime.client import connect


@click.group()
def credit() -> None:
    """Gift cards and store credit in our ledger."""


@credit.command()
@click.argument("account")
@click.option("--cursor", help="`next` of the page before.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def show(account: str, cursor: str | None, as_json: bool) -> None:
    """Show what ACCOUNT holds and what was booked on it, last first.

    ACCOUNT is a gift card's number, or credit/ and the customer's reference.
    """
    after = {"cursor": cursor} if cursor else {}
    answer = connect().get(f"/v1/credit/{quote(account)}", **after)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    held = [plain(one["minor"], one["currency"]) for one in answer["balances"]]
    click.echo(f"{answer['account']} holds {', '.join(held) or 'nothing'}")
    for entry in answer["entries"]:
        amount = plain(entry["amount"]["minor"], entry["amount"]["currency"])
        about = f"  refund {entry['refund_id']}" if entry["refund_id"] else ""
        at = entry["at"][:16].replace("T", " ")
        click.echo(f"  {at}  {amount:>16}  {entry['occasion']}{about}")
    if answer["next"]:
        click.echo(f"More with --cursor {answer['next']}")
