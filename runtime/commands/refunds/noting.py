"""The commands about credit notes."""

import json
from datetime import datetime
from pathlib import Path
from uuid import UUID

import click

from domain.money import plain
from runtime.client import connect


@click.command("credit-note")
@click.argument("id_", metavar="REFUND", type=click.UUID)
@click.option("--pdf", type=click.Path(dir_okay=False, path_type=Path), help="Write it to a file.")
@click.option("--language", default="en", show_default=True, help="The PDF's language.")
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def credit_note(id_: UUID, pdf: Path | None, language: str, as_json: bool) -> None:
    """Show the credit note of a refund that has landed, or write it as PDF."""
    client = connect()
    note = client.get(f"/v1/refunds/{id_}/credit-note")
    if pdf is not None:
        _write(pdf, client.read(f"/v1/refunds/{id_}/credit-note.pdf", language))
    if as_json:
        click.echo(json.dumps(note, indent=2))
        return
    currency = note["currency"]
    click.echo(f"{note['number']}, {note['issued_on']}, {plain(note['gross_minor'], currency)}")
    for line in note["lines"]:
        title = line["title"] or line["sku"] or line["id"]
        click.echo(f"  {line['quantity']} × {title}: {plain(line['gross_minor'], currency)}")
    for rate in note["rates"]:
        name = f"{rate['rate']} %" if rate["rate"] else "without a rate"
        click.echo(f"  tax {name}: {plain(rate['tax_minor'], currency)}")
    if note["reversed_by"]:
        click.echo(f"  taken back by {note['reversed_by']}: the refund did not arrive")
    if pdf is not None:
        click.echo(f"Written to {pdf}")


@click.command("credit-notes")
@click.argument("since", type=click.DateTime(["%Y-%m-%d"]))
@click.argument("until", type=click.DateTime(["%Y-%m-%d"]))
def credit_notes(since: datetime, until: datetime) -> None:
    """Print the credit notes of these days as CSV for bookkeeping, both days included."""
    days = f"since={since.date()}&until={until.date()}"
    click.echo(connect().read(f"/v1/credit-notes.csv?{days}").decode(), nl=False)


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise click.ClickException(f"{file} can't be written: {error.strerror}.") from error
