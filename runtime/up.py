"""Start everything, watch it, and stop it: what `rescind up` does."""

import asyncio
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from runtime import first_steps, lock
from runtime.installation import Installation
from runtime.settings import Settings
from web.shared.paths import ROOT

_SIGNAL_GRACE = 0.8
"""Seconds. Ctrl-C may reach a part before it reaches us; that is a stop, not a death."""


async def up(settings: Settings, say: Callable[[str], None]) -> None:
    """Run all parts until a signal asks to stop, then leave nothing behind.

    Raises StartupError if a part can't start, PartDied if one ends by itself.
    """
    asked = _stop_when_asked()
    with lock.hold(settings.data):
        installation = Installation(settings, say)
        life = asyncio.ensure_future(_live(installation, say))
        halt = asyncio.ensure_future(asked.wait())
        await asyncio.wait({life, halt}, return_when=asyncio.FIRST_COMPLETED)
        with suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), _SIGNAL_GRACE)
        say("Stopping" if asked.is_set() else "Stopping the rest")
        life.cancel()
        await asyncio.wait({life})
        await installation.stop()
        if not asked.is_set():
            life.result()


async def _live(installation: Installation, say: Callable[[str], None]) -> None:
    """Start, then watch for ever; what is wrong with a part is said as soon as it is known."""
    began = time.monotonic()
    say(f"Starting Rescind on {installation.settings.data}")
    watch = asyncio.ensure_future(installation.parts.watch(say))
    start = asyncio.ensure_future(installation.start())
    try:
        await asyncio.wait({watch, start}, return_when=asyncio.FIRST_COMPLETED)
        if not watch.done():
            start.result()
            took = time.monotonic() - began
            say(_announcement(installation, took, await _first_steps(installation)))
        await watch
    finally:
        watch.cancel()
        start.cancel()
        await asyncio.wait({start})


async def _first_steps(installation: Installation) -> list[str]:
    settings = installation.settings
    untried = await first_steps.untried(settings)
    pages = await first_steps.pages(settings, untried)
    api = f"http://127.0.0.1:{settings.port}"
    return list(first_steps.lines(api, settings.data, untried, pages))


def _announcement(installation: Installation, seconds: float, first: Sequence[str]) -> str:
    settings = installation.settings
    api = f"http://127.0.0.1:{settings.port}"
    addresses = {
        "Customers": f"{settings.public_url}{ROOT}/",
        "API": api,
        "API pages": f"{api}/docs",
        "Temporal UI": installation.ui or f"that of {settings.temporal_address}",
        "Mails": installation.mails or "sent through SMTP_URL",
        "Data, logs": settings.data,
    }
    lines = [f"  {name:12} {address}" for name, address in addresses.items()]
    return "\n".join(
        [
            f"\nRescind is ready after {seconds:.1f} seconds.\n",
            *lines,
            "",
            *([*first, ""] if first else []),
            "Ctrl-C stops everything.",
        ]
    )


def _stop_when_asked() -> asyncio.Event:
    asked = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, asked.set)
    return asked
