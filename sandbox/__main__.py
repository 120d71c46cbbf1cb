"""The sandbox as a program: `python -m sandbox --port 12111 --database postgresql://...`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence

from sandbox.serving import running


def main(arguments: Sequence[str] | None = None) -> None:
    given = _read(arguments)
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_serve(given))


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's, where there is one."""
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def _read(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "sandbox", description="A card processor to try things with. It speaks as Stripe does."
    )
    parser.add_argument("--host", default=os.environ.get("SANDBOX_HOST", "127.0.0.1"))
    parser.add_argument("--port", type=int, default=int(os.environ.get("SANDBOX_PORT", "12111")))
    parser.add_argument("--database", default=os.environ.get("SANDBOX_DATABASE_URL"))
    parser.add_argument("--webhook-url", default=os.environ.get("SANDBOX_WEBHOOK_URL"))
    parser.add_argument("--webhook-secret", default=os.environ.get("SANDBOX_WEBHOOK_SECRET"))
    given = parser.parse_args(arguments)
    if not given.database:
        parser.error("a database is needed: --database, or SANDBOX_DATABASE_URL")
    return given


async def _serve(given: argparse.Namespace) -> None:
    """Serve until a signal comes."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with running(
        given.database,
        host=given.host,
        port=given.port,
        webhook_url=given.webhook_url,
        webhook_secret=given.webhook_secret,
    ) as server:
        print(f"ready {server.address}", flush=True)  # noqa: T201
        await stop.wait()


if __name__ == "__main__":
    main()
