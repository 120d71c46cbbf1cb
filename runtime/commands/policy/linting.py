"""The command that looks a policy over."""

from pathlib import Path

import click
from click.exceptions import Exit

from domain.policy.linting.findings import Severity
from runtime.commands.policy.reading import FILE
from runtime.policies.looking_over import look_over
from runtime.telling import findings as telling


@click.command()
@click.argument("files", metavar="FILE...", type=FILE, nargs=-1, required=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--strict", is_flag=True, help="End with 1 for warnings too.")
def lint(files: tuple[Path, ...], as_json: bool, strict: bool) -> None:
    """Find gaps, overlaps, rules that never decide, and numbers that contradict the wording.

    An error can't be meant as it stands and would be refused on saving; a warning may be meant.

    Ends with 0 without errors, 1 with some, 2 if a file can't be read.
    """
    looked = [look_over(file) for file in files]
    click.echo(telling.as_json(looked) if as_json else "\n".join(telling.lines(looked)))
    if not all(each.is_readable for each in looked):
        raise Exit(2)
    is_bad = any(each.count(Severity.ERROR) or (strict and each.findings) for each in looked)
    raise Exit(1 if is_bad else 0)
