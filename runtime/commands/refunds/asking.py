"""Commands that ask for a refund and answer who asked."""

import json
from typing import Any
from urllib.parse import quote
from uuid import UUID, uuid4

import click

from runtime.client import Client, Refused, connect
from runtime.commands import amounts
from runtime.telling import refund


@click.command()
@click.argument("kind", type=click.Choice(["order", "appointment"]))
@click.argument("id_", metavar="ID")
@click.option("--cancellation", type=click.UUID, help="The cancellation it belongs to.")
@click.option("--amount", help="How much goes back, such as 12.00.")
@click.option("--reason", metavar="CODE", help="Why, a code of the catalogue.")
@click.option("--note", help="The customer's own words.")
@click.option("--form", type=click.Choice(["original", "store_credit"]), help="As what.")
@click.option("--staff", is_flag=True, help="Staff give it of their own accord.")
@click.option("--yes", is_flag=True, help="Don't ask back.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def request(
    kind: str,
    id_: str,
    cancellation: UUID | None,
    amount: str | None,
    reason: str | None,
    note: str | None,
    form: str | None,
    staff: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Ask for a refund of an order or an appointment, without cancelling it.

    With --cancellation what it left to be asked for is paid at once. Else name an --amount: the
    same again is another refund, so it asks back first.
    """
    client = connect()
    body: dict[str, Any] = {
        "subject": {"kind": kind, "id": id_},
        "reason": {"code": reason, "note": note},
        "initiator": "staff" if staff else "customer",
        "cancellation_id": str(cancellation) if cancellation else None,
        "form": form,
    }
    if amount is not None:
        currency = client.get(f"/v1/{kind}s/{quote(id_, safe='')}")["currency"]
        body["amount_minor"] = amounts.minor(amount, currency, "--amount")
    if not (yes or as_json or cancellation):
        click.confirm(f"Ask for {amount or 'a refund'} of {kind} {id_}?", abort=True)
    headers = {"Idempotency-Key": str(uuid4())}
    _tell(client.post("/v1/refund-requests", body, **headers), as_json)


@click.command()
@click.argument("id_", metavar="REQUEST", type=click.UUID)
@click.option("--amount", help="Only so much of it, such as 12.00.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def approve(id_: UUID, amount: str | None, as_json: bool) -> None:
    """Say yes to a refund request. One of its refunds names it as well."""
    client = connect()
    asked = _request_of(client, id_)
    body = {}
    if amount is not None:
        body["amount_minor"] = amounts.minor(amount, asked["currency"], "--amount")
    _tell(client.post(f"/v1/refund-requests/{asked['id']}/approve", body), as_json)


@click.command()
@click.argument("id_", metavar="REQUEST", type=click.UUID)
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def decline(id_: UUID, as_json: bool) -> None:
    """Say no to a refund request: nothing goes back."""
    client = connect()
    asked = _request_of(client, id_)
    _tell(client.post(f"/v1/refund-requests/{asked['id']}/decline", {}), as_json)


def _request_of(client: Client, id_: UUID) -> dict[str, Any]:
    """The request of this id, or the one that a refund of this id goes back to."""
    try:
        named = client.get(f"/v1/refunds/{id_}")["request_id"] or id_
    except Refused as problem:
        if problem.code != "refund_not_found":
            raise
        named = id_
    found: dict[str, Any] = client.get(f"/v1/refund-requests/{named}")
    return found


def _tell(answer: dict[str, Any], as_json: bool) -> None:
    text = json.dumps(answer, indent=2) if as_json else "\n".join(refund.request_lines(answer))
    click.echo(text)
