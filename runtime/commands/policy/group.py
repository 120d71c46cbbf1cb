"""The group `rescind policy`. Its commands need no running service, one file each."""

import click

from runtime.commands.policy import describing, diffing, laws, linting, showing, simulating, testing


@click.group()
def policy() -> None:
    """Prove policies by cases and try them on past bookings."""


for command in (
    showing.show,
    diffing.diff,
    testing.test,
    simulating.simulate,
    linting.lint,
    describing.reference,
    laws.law,
):
    policy.add_command(command)
