"""Commands about the data of an installation."""

import asyncio
import shutil
from importlib.metadata import version as version_of

import click

from runtime import local, lock, seeding
from runtime.settings import Settings


@click.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    asyncio.run(_migrate(Settings()))
    click.echo("The schema is up to date.")


@click.command()
def seed() -> None:
    """Put the example business into the database; a repeat changes nothing."""
    asyncio.run(_seed(Settings()))
    click.echo("The example business is in the database.")


@click.command()
def reset() -> None:
    """Forget all data kept in the data folder. A DATABASE_URL's database is left alone."""
    data = Settings().data
    if not data.exists():
        click.echo(f"Nothing is kept in {data}.")
        return
    with lock.hold(data):
        for path in data.iterdir():
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name != "lock":
                path.unlink()
    click.echo(f"All data in {data} is gone.")


@click.command()
def version() -> None:
    """Print the version."""
    click.echo(version_of("rescind"))


async def _migrate(settings: Settings) -> None:
    async with local.database(settings):
        pass


async def _seed(settings: Settings) -> None:
    async with local.database(settings) as url:
        await seeding.seed(settings, url)
