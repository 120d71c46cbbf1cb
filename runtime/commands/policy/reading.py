"""The files that these commands take, and what is said where one can't be read."""

import json
from pathlib import Path

import click
from click.exceptions import Exit

from domain.errors import CaseInvalid, PolicyInvalid
from domain.policy.policy import Policy
from runtime.policies import case_files, files
from runtime.policies.case_files import Entry

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def policy_in(path: Path, *, as_json: bool) -> Policy:
    """Read a policy, or say what is wrong with it and end with 2."""
    try:
        return files.load_policy(path)
    except PolicyInvalid as error:
        refuse(path, [f"{place}: {text}" for place, text in error.problems], as_json)
        raise Exit(2) from None


def cases_in(path: Path, *, as_json: bool) -> list[Entry]:
    """Read a file of cases, or say what is wrong with it and end with 2."""
    try:
        return case_files.read(path)
    except CaseInvalid as error:
        refuse(path, [str(error)], as_json)
        raise Exit(2) from None


def refuse(path: Path, faults: list[str], as_json: bool) -> None:
    """Say what is wrong with a file."""
    if as_json:
        click.echo(json.dumps({"file": str(path), "errors": faults}, indent=2))
    else:
        click.echo("\n".join(f"{path}: {fault}" for fault in faults), err=True)
