"""`rescind policy reference`: the language itself."""

import json

import click

from domain.policy.schema import json_schema
from runtime.policies.reference import reference as written


@click.command()
@click.option("--json", "as_json", is_flag=True, help="The JSON Schema, for editors and checkers.")
def reference(*, as_json: bool) -> None:
    """Print the reference of the policy language."""
    click.echo(json.dumps(json_schema(), indent=2) if as_json else written(), nl=as_json)
