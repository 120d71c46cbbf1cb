"""The command that looks at every part and says what is wrong."""

import asyncio

import click

from runtime.doctor import examination, report


@click.command()
@click.option("--invariants", is_flag=True, help="Check every promise on all data; takes a while.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def doctor(invariants: bool, as_json: bool) -> int:
    """Look at each part, and say what is wrong and what to do.

    Ends with 0 if nothing is broken, else with 1. A warning (!) breaks nothing yet.
    """
    # A loop of its own that is never closed: closing waits for threads, and one may be stuck in a
    # name look-up or on a dead disk.
    found = asyncio.new_event_loop().run_until_complete(examination.examine(invariants=invariants))
    click.echo(report.as_json(found) if as_json else "\n".join(report.lines(found)))
    return int(examination.is_broken(found))
