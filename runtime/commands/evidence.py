"""The command that shows and saves files which came with a request."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from domain.evidence import shown_name
from runtime.client import Client, connect


@click.command()
@click.argument("id_", metavar="CANCELLATION", type=click.UUID)
@click.option(
    "--to",
    "folder",
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help="Save them in this folder.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what the API answers.")
def evidence(id_: UUID, folder: Path | None, as_json: bool) -> None:
    """List the files that a customer sent with a request, or save them.

    Saved files are yours to delete: they are kept by Rescind for a set time only. A file that is in
    the folder already stays as it is.
    """
    client = connect()
    files = client.get(f"/v1/cancellations/{id_}/evidence")
    if as_json:
        click.echo(json.dumps(files, indent=2))
    elif not files:
        click.echo("No files came with it, or they have been deleted.")
    for file in files:
        said = _save(client, id_, file, folder) if folder else f"{file['size']} bytes"
        if not as_json:
            click.echo(f"{file['number']}  {file['name']}: {said}")


def _save(client: Client, id_: UUID, file: dict[str, Any], folder: Path) -> str:
    """Two files may have the same name: the number tells them apart."""
    path = folder / f"{file['number']}-{shown_name(file['name'])}"
    if path.exists():
        return f"is there already, {path}"
    content = client.read(f"/v1/cancellations/{id_}/evidence/{file['number']}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as saved:
            saved.write(content)
    except OSError as error:
        raise click.ClickException(f"{path} can't be written: {error.strerror}.") from error
    return f"saved as {path}"
