"""`rescind policy law`: the laws that come with Rescind, to name, to read and to build on."""

import click

from runtime.policies.files import load_policy
from runtime.seeds import LAWS


@click.command()
@click.argument("name", metavar="[ID]", required=False)
def law(name: str | None) -> None:
    """List the laws that come along, or print one as it is written.

    A policy names those that hold beside it: `laws: [eu-withdrawal-goods]`. An own one may build on
    one of them: `extends: eu-withdrawal-goods`.
    """
    files = {file.stem: file for file in sorted(LAWS.glob("*.yaml"))}
    if name is None:
        for id_, file in files.items():
            click.echo(f"{id_:24} {load_policy(file).title}")
    elif name in files:
        click.echo(files[name].read_text(encoding="utf-8"), nl=False)
    else:
        raise click.UsageError(f"there is no law {name}; those there are: {', '.join(files)}")
