"""The command that compares our refunds with those that the providers list."""

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import click
from pydantic import TypeAdapter, ValidationError

from domain.money import plain
from runtime.client import Client, connect
from runtime.durations import Duration

_PATIENCE = 600.0
_DURATION: TypeAdapter[timedelta] = TypeAdapter(Duration)
_WORDS = {
    "made_elsewhere": "made elsewhere: nobody asked for it here",
    "made_twice": "made twice: our refund was paid in another way as well",
    "not_listed": "accepted once, but the provider doesn't have it",
    "amount": "another amount",
    "landed_unnoticed": "made at the provider; we did not know",
    "failed_unnoticed": "failed at the provider; we did not know",
    "state": "another state",
}


@click.command()
@click.option(
    "--since", default="7d", show_default=True, help="How far to look back, as 12h or 7d."
)
@click.option("--adopt", metavar="REF", help="Record that refund's money as returned elsewhere.")
@click.option("--dismiss", metavar="REF", help="Say that nothing is to be done about it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reconcile(since: str, adopt: str | None, dismiss: str | None, as_json: bool) -> None:
    """Compare our refunds with those that the providers list, and name what doesn't agree.

    It also runs every night. The exit code is 1 if something is open. REF is the provider's name
    for a refund.
    """
    client = connect()
    for ref, word in ((adopt, "adopt"), (dismiss, "dismiss")):
        if ref is not None:
            _answer(client, ref, word)
    if adopt is not None or dismiss is not None:
        return
    run = _run(client, datetime.now(UTC) - _length(since))
    open_ones = list(_open(client))
    if as_json:
        click.echo(json.dumps({"reconciliation": run, "differences": open_ones}, indent=2))
    else:
        click.echo("\n".join(_lines(run, open_ones)))
    raise click.exceptions.Exit(1 if open_ones else 0)


def _length(text: str) -> timedelta:
    try:
        return _DURATION.validate_python(text)
    except ValidationError as error:
        raise click.BadParameter(error.errors()[0]["msg"], param_hint="--since") from error


def _run(client: Client, since: datetime) -> dict[str, Any]:
    """Start a comparison and wait for its end."""
    run: dict[str, Any] = client.post("/v1/reconciliations", {"since": since.isoformat()})
    until = time.monotonic() + _PATIENCE
    while run["ended_at"] is None:
        if time.monotonic() > until:
            raise click.ClickException(
                "It takes longer than ten minutes and goes on by itself: look later with "
                "`rescind doctor`. A provider that is away is asked again."
            )
        time.sleep(0.5)
        run = client.get(f"/v1/reconciliations/{run['id']}")
    return run


def _open(client: Client) -> list[dict[str, Any]]:
    """All that is open, from whatever run."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, Any] = {}
    while True:
        page = client.get("/v1/differences", state="open", limit=500, **cursor)
        found += page["items"]
        if page["next"] is None:
            return found
        cursor = {"cursor": page["next"]}


def _answer(client: Client, ref: str, word: str) -> None:
    chosen = [
        one
        for one in _open(client)
        if one["provider_ref"] == ref and (one["can_adopt"] or word == "dismiss")
    ]
    if not chosen:
        raise click.ClickException(f"Nothing open about {ref} can be answered with {word}.")
    for one in chosen:
        client.post(f"/v1/differences/{one['id']}/{word}", {})
        subject = one["subject"]
        click.echo(f"{ref} of {subject['kind']} {subject['id']}: {word}ed")


def _lines(run: dict[str, Any], open_ones: list[dict[str, Any]]) -> list[str]:
    lines = [f"{run['listed']} refunds listed since {run['since'][:16].replace('T', ' ')} UTC"]
    if run["strangers"]:
        lines.append(f"{run['strangers']} of them belong to payments that Rescind doesn't know")
    if not open_ones:
        return [*lines, "Everything agrees"]
    lines.append(f"{len(open_ones)} open:")
    for one in open_ones:
        lines += _difference(one)
    return lines


def _difference(one: dict[str, Any]) -> list[str]:
    subject = one["subject"]
    title = f"  {one['provider']} {one['provider_ref']}, {subject['kind']} {subject['id']}"
    theirs = _side(one["provider_state"], one["provider_minor"], one["currency"])
    ours = _side(one["our_state"], one["our_minor"], one["currency"])
    lines = [title, f"    {_WORDS[one['difference']]}", f"    there: {theirs}; here: {ours}"]
    if one["can_adopt"]:
        lines.append(f"    it counts as returned elsewhere after --adopt {one['provider_ref']}")
    return lines


def _side(state: str | None, minor: int | None, currency: str) -> str:
    return f"{state} {plain(minor, currency)}" if state and minor is not None else "nothing"
