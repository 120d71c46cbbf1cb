"""Commands that ask what a cancellation would cost, and for the cancellation itself."""

import json
import sys
import time
from collections.abc import Callable, Collection
from typing import Any, NoReturn, TypeVar
from urllib.parse import quote as quote_path
from uuid import uuid4

import click
from click.exceptions import Exit

from notifications import formats
from runtime.client import Client, Refused, connect
from runtime.telling import cancellation, words
from runtime.telling import quote as quoted
from runtime.telling.speaking import Setting

_AT_WORK = frozenset({"received", "working"})
CAME_TO_NOTHING = ("declined", "restored", "refused", "closed")
_PATIENCE = 20.0
"""Seconds to wait for the end; a cancellation goes on without us."""

_F = TypeVar("_F", bound=Callable[..., Any])


def _asking(command: _F) -> _F:
    """What quote and cancel are told alike."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print what the API answers."),
        click.option("--reason", metavar="CODE", help="Why; `--reason help` lists the codes."),
        click.option(
            "--line", "lines", multiple=True, metavar="ID[:N]", help="Only this line, or N of it."
        ),
        click.argument("id_", metavar="ID"),
        click.argument("kind", type=click.Choice(["order", "appointment"])),
    ):
        command = option(command)
    return command


@click.command()
@_asking
@click.option("--trace", "is_traced", is_flag=True, help="Say what each rule answered, too.")
def quote(
    kind: str,
    id_: str,
    lines: tuple[str, ...],
    reason: str | None,
    as_json: bool,
    is_traced: bool,
) -> None:
    """Say whether it can be cancelled now and on what terms, and change nothing.

    The exit code is 1 if it can't.
    """
    client = connect()
    if reason == "help":
        _list_reasons(client, kind)
    answer = client.post("/v1/quotes", _body(kind, id_, lines, reason, None))
    told = json.dumps(answer, indent=2) if as_json else _quoted(client, answer, is_traced)
    click.echo(told)
    raise Exit(1 if answer["decision"]["outcome"] == "declined" else 0)


@click.command()
@_asking
@click.option("--note", help="The customer's own words.")
@click.option("--yes", is_flag=True, help="Don't ask back.")
def cancel(
    kind: str,
    id_: str,
    lines: tuple[str, ...],
    reason: str | None,
    as_json: bool,
    note: str | None,
    yes: bool,
) -> None:
    """Cancel an order or an appointment, all of it or some lines.

    The price is shown first and holds for the answer. The exit code is 1 if it came to nothing.
    """
    client = connect()
    if reason == "help":
        _list_reasons(client, kind)
    body = _body(kind, id_, lines, reason, note)
    if not yes:
        body |= {"quote": _confirmed(client, body)}
    headers = {"Idempotency-Key": str(uuid4())}
    asked = client.post("/v1/cancellations", body, **headers)
    answer = follow(client, asked, _AT_WORK, _PATIENCE)
    if as_json:
        click.echo(json.dumps(answer, indent=2))
    else:
        told = cancellation.lines(answer, setting_of(client, answer))
        click.echo("\n".join(told))
    raise Exit(1 if answer["state"] in CAME_TO_NOTHING else 0)


def _body(
    kind: str, id_: str, lines: tuple[str, ...], reason: str | None, note: str | None
) -> dict[str, Any]:
    return {
        "subject": {"kind": kind, "id": id_},
        "lines": [_line(text) for text in lines],
        "reason": {"code": reason, "note": note},
    }


def _line(text: str) -> dict[str, Any]:
    id_, _, count = text.partition(":")
    if not count:
        return {"id": id_}
    if not count.isdecimal() or int(count) < 1:
        raise click.BadParameter(f"{text!r}: write --line ID, or --line ID:N", param_hint="--line")
    return {"id": id_, "quantity": int(count)}


def _confirmed(client: Client, body: dict[str, Any]) -> str:
    """Show the price and ask whether it is meant."""
    if not sys.stdin.isatty():
        raise click.UsageError("Add --yes: nobody is there to be asked.")
    answer = client.post("/v1/quotes", body)
    click.echo(_quoted(client, answer), err=True)
    if answer["decision"]["outcome"] == "declined":
        raise Refused({"code": "declined", "detail": "nothing was done"})
    if not click.confirm("Cancel it?", err=True):
        click.echo("Nothing was done.", err=True)
        raise Exit(1)
    return str(answer["id"])


def _quoted(client: Client, answer: dict[str, Any], is_traced: bool = False) -> str:
    setting = setting_of(client, answer)
    trace = quoted.traced(answer, setting) if is_traced else ()
    return "\n".join((*quoted.lines(answer, setting), *trace))


def setting_of(client: Client, answer: dict[str, Any]) -> Setting:
    """Where the subject and its customer are, and the policy's own sentences; what can't be read
    is left out, which is no reason to fail."""
    subject, decision = answer["subject"], answer.get("decision") or {}
    seen = _read(client, f"/v1/{subject['kind']}s/{quote_path(subject['id'], safe='')}")
    policy = {}
    if decision.get("policy_id"):
        path = f"/v1/policies/{quote_path(decision['policy_id'], safe='')}"
        policy = _read(client, path, version=decision["policy_version"])
    return Setting(
        zone=formats.zone_named(seen.get("zone")),
        customer_zone=(seen.get("customer") or {}).get("zone"),
        sentences=policy.get("document", {}).get("sentences"),
    )


def _read(client: Client, path: str, **params: Any) -> dict[str, Any]:
    try:
        found: dict[str, Any] = client.get(path, **params)
    except click.ClickException:
        return {}
    return found


def follow(
    client: Client, answer: dict[str, Any], passing: Collection[str], patience: float
) -> dict[str, Any]:
    """Look again until it is in none of the passing states, or patience ends."""
    end = time.monotonic() + patience
    while answer["state"] in passing and time.monotonic() < end:
        time.sleep(0.3)
        answer = client.get(f"/v1/cancellations/{answer['id']}")
    return answer


def _list_reasons(client: Client, kind: str) -> NoReturn:
    reasons = client.get("/v1/reasons", kind=kind)
    click.echo("\n".join(words.table((one["code"], one["label"]) for one in reasons)))
    raise Exit(0)
