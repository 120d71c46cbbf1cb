"""The command that puts a policy into words."""

import click

from notifications.policies.phrases import languages
from notifications.policies.writer import in_words
from runtime.commands.policy.finding import find_policy
from runtime.telling import policy as telling


@click.command()
@click.argument("policy", metavar="FILE|ID[@VERSION]")
@click.option(
    "--language", type=click.Choice(sorted(languages())), default="en", show_default=True,
    help="Which language.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(policy: str, language: str, as_json: bool) -> None:
    """Say in plain words what a policy allows and keeps.

    Before each rule stands what a decision calls it. Ends with 2 if the policy can't be read.
    """
    told = in_words(find_policy(policy, as_json=as_json), language)
    if as_json:
        click.echo(told.model_dump_json(indent=2))
    else:
        click.echo("\n".join(telling.lines(told)))
