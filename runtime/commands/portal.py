"""Commands about the customer's pages."""

import asyncio

import click

from domain.errors import SubjectNotFound
from domain.subjects import Kind, SubjectRef
from runtime import links, running
from runtime.settings import Settings
from storage.database import make_engine, make_sessions


@click.command()
@click.argument("kind", type=click.Choice([kind.value for kind in Kind]))
@click.argument("number")
def link(kind: str, number: str) -> None:
    """Print the link that a customer's mail about an order or appointment has.

    Whoever has it sees what is that customer's, so send it to nobody else.
    """
    subject = SubjectRef(kind=Kind(kind), id=number)
    try:
        click.echo(asyncio.run(_link(running.current_settings(), subject)))
    except SubjectNotFound as error:
        raise click.ClickException(f"{error}.") from error


async def _link(settings: Settings, subject: SubjectRef) -> str:
    engine = make_engine(settings.database_url or "", connections=1)
    try:
        async with make_sessions(engine)() as session:
            return await links.link(settings, session, subject)
    finally:
        await engine.dispose()
