"""Commands that send records to the API and read them back."""

import gzip
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO, Any

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from runtime.client import connect
from runtime.commands.cancelling import setting_of
from runtime.telling import cancellation, subject

PIECE = 500
"""Lines sent at once: progress is seen, and a lost connection costs little."""

_SHOWN = 20
_ORDER = ("created", "updated", "unchanged", "error")


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="Print totals and errors as JSON.")
def import_records(file: str, as_json: bool) -> None:
    """Send orders, appointments and resources, a JSON object a line; repeating it is harmless.

    FILE may end in .gz, and - reads from standard input. The exit code is 1 if a line failed.
    """
    client = connect()
    totals: Counter[str] = Counter()
    errors: list[dict[str, Any]] = []
    with ExitStack() as stack:
        progress = stack.enter_context(_progress(quiet=as_json))
        raw, source = _open(file, stack)
        size = Path(file).stat().st_size if file != "-" else None
        task = progress.add_task("Importing", total=size, lines=0)
        sent = 0
        for piece in _pieces(source):
            for answer in map(json.loads, client.send("/v1/imports", b"".join(piece)).splitlines()):
                totals[answer["status"]] += 1
                if answer["status"] == "error":
                    errors.append(answer | {"line": answer["line"] + sent})
            sent += len(piece)
            progress.update(task, completed=raw.tell() if size else None, lines=sent)
    _tell(totals, errors, as_json)
    raise click.exceptions.Exit(1 if errors else 0)


@click.command()
@click.argument("kind", type=click.Choice(["order", "appointment", "cancellation"]))
@click.argument("id_", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def show(kind: str, id_: str, as_json: bool) -> None:
    """Show an order, an appointment or a cancellation, and what happens next."""
    client = connect()
    answer = client.get(f"/v1/{kind}s/{id_}")
    if as_json:
        click.echo(json.dumps(answer, indent=2))
        return
    if kind == "cancellation":
        setting = setting_of(client, answer)
        lines = [*cancellation.lines(answer, setting), *cancellation.traced(answer, setting)]
    else:
        lines = [*subject.lines(answer)]
    click.echo("\n".join(lines))


def _open(file: str, stack: ExitStack) -> tuple[IO[bytes], Iterable[bytes]]:
    """The file as it lies there, whose place tells the progress, and its lines unpacked."""
    if file == "-":
        return sys.stdin.buffer, sys.stdin.buffer
    raw = stack.enter_context(Path(file).open("rb"))  # noqa: SIM115
    return raw, gzip.GzipFile(fileobj=raw) if file.endswith(".gz") else raw


def _pieces(source: Iterable[bytes]) -> Iterator[list[bytes]]:
    piece: list[bytes] = []
    try:
        for line in source:
            piece.append(line if line.endswith(b"\n") else line + b"\n")
            if len(piece) == PIECE:
                yield piece
                piece = []
    except (OSError, EOFError) as error:
        raise click.ClickException(f"The file can't be read: {error}.") from error
    if piece:
        yield piece


def _progress(quiet: bool) -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[lines]} lines"),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )


def _tell(totals: Counter[str], errors: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        counted = {status: totals[status] for status in _ORDER}
        click.echo(json.dumps(counted | {"errors": errors}, indent=2))
        return
    for error in errors[:_SHOWN]:
        name = " ".join(str(error[part]) for part in ("kind", "id") if error.get(part))
        place = f"Line {error['line']} {name}".rstrip()
        click.echo(f"{place}: {error['detail']} ({error['code']})", err=True)
    if len(errors) > _SHOWN:
        click.echo(f"… and {len(errors) - _SHOWN} more; --json lists them all.", err=True)
    told = ", ".join(f"{totals[status]} {status}" for status in _ORDER[:3])
    click.echo(f"{told}, {totals['error']} failed")
