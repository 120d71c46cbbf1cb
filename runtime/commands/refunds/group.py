"""The group `rescind refunds`."""

import click

from runtime.commands.refunds import asking, listing, reconciling, settling


@click.group()
def refunds() -> None:
    """See refunds, ask for one, and settle what waits for a person."""


for command in (
    *(listing.list_refunds, listing.show),
    *(asking.request, asking.approve, asking.decline),
    *(settling.pay, settling.credit, settling.retry, settling.waive),
    reconciling.reconcile,
):
    refunds.add_command(command)
