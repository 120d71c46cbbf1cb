"""The group `rescind refunds`."""

import click

from runtime.commands.refunds import asking, listing, noting, reconciling, settling


@click.group()
def refunds() -> None:
    """See refunds, ask for one, and settle what waits for a person."""


for command in (
    *(listing.list_refunds, listing.show),
    *(asking.request, asking.approve, asking.decline),
    *(settling.pay, settling.withdraw, settling.credit, settling.retry, settling.waive),
    *(reconciling.reconcile, noting.credit_note, noting.credit_notes),
):
    refunds.add_command(command)
