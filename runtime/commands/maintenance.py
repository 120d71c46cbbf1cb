"""Commands that begin and end maintenance."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import click
from sqlalchemy.ext.asyncio import AsyncSession

from runtime import running
from runtime.settings import Settings
from storage import maintenance as kept
from storage.database import make_engine, make_sessions


@click.group()
def maintenance() -> None:
    """Take no new cancellations for a while. What runs goes on."""


@maintenance.command()
@click.option("--until", metavar="TIME", help="When it is expected to be over: 06:00, or a date.")
def on(until: str | None) -> None:
    """Begin, or change until when. It lasts until `rescind maintenance off`.

    Pages can still be read, what was asked for can be taken back, and withdrawals by law are taken.
    """
    settings, now = running.current_settings(), datetime.now(UTC)
    expected = when(until, ZoneInfo(settings.business_zone), now) if until else None
    asyncio.run(_do(settings, lambda session: kept.begin(session, now, expected)))
    said = f", expected until {expected:%a %d %b %Y %H:%M %Z}" if expected else ""
    click.echo(f"Maintenance is on{said}. End it with `rescind maintenance off`.")


@maintenance.command()
def off() -> None:
    """End it: new cancellations are taken again."""
    asyncio.run(_do(running.current_settings(), kept.end))
    click.echo("Maintenance is off.")


def when(told: str, zone: ZoneInfo, now: datetime) -> datetime:
    """A time of day is the next one there is; a time without an offset is by this zone's clock."""
    try:
        if len(told) <= len("HH:MM"):
            here = now.astimezone(zone)
            at = datetime.combine(here.date(), time.fromisoformat(told), zone)
            return at if at > here else at + timedelta(days=1)
        at = datetime.fromisoformat(told)
    except ValueError as error:
        raise click.BadParameter("write 06:00 or 2026-12-01T06:00", param_hint="--until") from error
    at = at if at.tzinfo else at.replace(tzinfo=zone)
    if at <= now:
        raise click.BadParameter("that is over already", param_hint="--until")
    return at


async def _do(settings: Settings, change: Callable[[AsyncSession], Awaitable[None]]) -> None:
    engine = make_engine(settings.database_url or "", connections=1)
    try:
        async with make_sessions(engine).begin() as session:
            await change(session)
    finally:
        await engine.dispose()
