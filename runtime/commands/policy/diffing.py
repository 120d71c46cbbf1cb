"""The command that tells two policies apart."""

import json

import click
from click.exceptions import Exit

from domain.policy.examples.comparing import compare
from notifications.policies.differences import differences
from runtime.commands.policy.finding import find_policy
from runtime.telling import comparison as telling


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def diff(old: str, new: str, as_json: bool) -> None:
    """Say in plain words what changed, with situations that are answered differently.

    OLD and NEW are files, or policies that the service keeps: ID, or ID@VERSION.

    Ends with 0 if they say the same, 1 if they differ, 2 if one can't be read.
    """
    before, after = (find_policy(named, as_json=as_json) for named in (old, new))
    found, comparison = differences(before, after), compare(before, after)
    if as_json:
        click.echo(json.dumps(telling.as_json(found, comparison), indent=2))
    elif not found and not comparison.differing:
        click.echo(f"Nothing differs: {comparison.tried:,} situations are answered the same.")
    else:
        click.echo("\n".join(telling.lines(found, comparison)).lstrip("\n"))
    raise Exit(1 if found or comparison.differing else 0)
