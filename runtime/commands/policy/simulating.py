"""The command that tries a policy on what was cancelled in the past."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import click
from click.exceptions import Exit
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from domain.policy.policy import Policy
from runtime.commands.policy.reading import FILE, policy_in, refuse
from runtime.policies import booking_files, history, simulation
from runtime.policies.booking_files import Piece, Unreadable
from runtime.policies.simulation import Plan, Simulated
from runtime.settings import Settings
from runtime.telling import simulation as telling
from runtime.telling import simulation_json

_THEIR_OWN = "the one of each"


@click.command()
@click.argument("policy", metavar="POLICY.yaml", type=FILE)
@click.option("--bookings", metavar="FILE", type=FILE, help="A CSV file; it may end in .gz.")
@click.option("--history", "past", is_flag=True, help="What was cancelled in this installation.")
@click.option("--against", metavar="OTHER.yaml", type=FILE, help="A policy to compare with.")
@click.option("--all", "every", is_flag=True, help="With --history: under whatever policy it was.")
@click.option("--limit", metavar="N", type=click.IntRange(1), help="Only the first N.")
@click.option("--repeat", metavar="N", type=click.IntRange(1), default=1, help="The file N times.")
@click.option(
    "--processes", metavar="N", type=click.IntRange(1, 64), help="At once; else a CPU each."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def simulate(
    policy: Path,
    bookings: Path | None,
    past: bool,
    against: Path | None,
    every: bool,
    limit: int | None,
    repeat: int,
    processes: int | None,
    as_json: bool,
) -> None:
    """Say what a policy would have refunded, kept and declined, and by which of its rules.

    A file of bookings has a header, with columns of ours (price_minor and cancelled_at at least;
    docs/policy-tools.md has them all) or those of the "Hotel booking demand" data set.

    With --history it is what was cancelled here under a policy of the same name, against the
    version that each order or appointment has.
    """
    if past is (bookings is not None):
        raise click.UsageError("Name a file with --bookings, or take --history.")
    began = time.perf_counter()
    new = policy_in(policy, as_json=as_json)
    other = policy_in(against, as_json=as_json) if against else None
    present = other.id if other else _THEIR_OWN if past else None
    if bookings is None:
        found = _over_history(new, other, every=every, limit=limit, quiet=as_json)
    else:
        found = _over_file(policy, against, bookings, limit, repeat, processes, quiet=as_json)
    seconds = time.perf_counter() - began
    if as_json:
        click.echo(simulation_json.as_json(found, new.id, present, seconds))
    else:
        click.echo("\n".join(telling.lines(found, new.id, present)))


def _over_file(
    policy: Path,
    against: Path | None,
    bookings: Path,
    limit: int | None,
    repeat: int,
    processes: int | None,
    *,
    quiet: bool,
) -> Simulated:
    found = Simulated()
    size = bookings.stat().st_size
    try:
        plan = Plan(policy, against, tuple(booking_files.header_of(bookings)))
        with (
            simulation.workers(processes or os.cpu_count() or 1) as workers,
            _progress(size * repeat, quiet=quiet) as progress,
        ):
            pieces = _told(bookings, limit, repeat, size, progress)
            for part in simulation.run(plan, pieces, workers):
                found.merge(part)
                progress.update(progress.task_ids[0], rows=found.rows)
    except Unreadable as error:
        refuse(bookings, [str(error)], quiet)
        raise Exit(2) from None
    return found


def _told(
    bookings: Path, limit: int | None, repeat: int, size: int, progress: Progress
) -> Iterator[Piece]:
    """The file's rows so many times, each piece told to the bar as it is handed out."""
    for before in range(repeat):
        for piece in booking_files.pieces(bookings, limit):
            progress.update(progress.task_ids[0], completed=before * size + piece.at)
            yield piece


def _over_history(
    new: Policy, other: Policy | None, *, every: bool, limit: int | None, quiet: bool
) -> Simulated:
    with _progress(None, quiet=quiet) as progress:
        return asyncio.run(
            history.simulate(
                Settings(),
                new,
                other,
                every=every,
                limit=limit,
                told=lambda rows: progress.update(progress.task_ids[0], rows=rows),
            )
        )


def _progress(total: int | None, *, quiet: bool) -> Progress:
    """A bar on a terminal, nothing elsewhere."""
    console = Console(stderr=True)
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[rows]:,} rows"),
        TimeRemainingColumn(),
        console=console,
        disable=quiet or not console.is_terminal,
        transient=True,
    )
    progress.add_task("Simulating", total=total, rows=0)
    return progress
