"""Commands that run the service or one of its parts until they are stopped."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import click

from runtime import logs, mail, ports, running
from runtime.mailbox import serving as mailbox
from runtime.serving import api_config, serve
from runtime.settings import Settings
from runtime.up import up as run_everything


@click.command()
def up() -> None:
    """Start everything here, print the addresses, and stop it all with Ctrl-C."""
    asyncio.run(run_everything(Settings(), click.echo))


@click.command()
def api() -> None:
    """Run the API alone, against DATABASE_URL and TEMPORAL_ADDRESS."""
    settings = running.current_settings()
    logs.configure()
    serve(api_config(settings))


@click.command()
def worker() -> None:
    """Run the worker alone, against DATABASE_URL and TEMPORAL_ADDRESS."""
    script = Path(__file__).parent.parent.parent / "worker.py"
    os.execv(sys.executable, [sys.executable, str(script)])


@click.command("mail")
@click.option("--host", default=ports.LOOPBACK, show_default=True, help="Where to listen.")
@click.option("--port", default=1025, show_default=True, help="For SMTP.")
@click.option("--page-port", default=8025, show_default=True, help="For a browser.")
def mail_catcher(host: str, port: int, page_port: int) -> None:
    """Run the mail catcher alone: it keeps every mail as a file and sends none."""
    asyncio.run(_catch(Settings().data / "mail", host, port, page_port))


async def _catch(folder: Path, host: str, port: int, page_port: int) -> None:
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    async with (
        mail.catching(folder, port, host) as url,
        mailbox.serving(folder, page_port, host) as page,
    ):
        click.echo(f"Catching mails at {url} into {folder}, to be read at {page}")
        await asked.wait()
