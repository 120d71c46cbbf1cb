"""A database server that outlived a parent which was killed."""

import asyncio
import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from runtime.errors import StartupError

_PATIENCE = 20.0


async def clear(folder: Path) -> None:
    """Stop a server still running on `folder` and remove a pid file that means nothing any more.

    PostgreSQL trusts the pid alone: after a crash in a container the number soon belongs to
    another process, and the server would refuse to start for ever.
    """
    file = folder / "postmaster.pid"
    pid = _read(file)
    for _ in range(int(_PATIENCE / 0.1)):
        if pid is None or not _serves(pid, folder):
            file.unlink(missing_ok=True)
            return
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT)
        await asyncio.sleep(0.1)
    raise StartupError(
        f"An older PostgreSQL (process {pid}) on {folder} does not stop; end it first."
    )


def _read(file: Path) -> int | None:
    try:
        return int(file.read_text().split()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def _serves(pid: int, folder: Path) -> bool:
    proc = Path(f"/proc/{pid}")
    if proc.parent.joinpath("self").exists():
        try:
            return (proc / "cwd").readlink() == folder.resolve()
        except OSError:
            return False
    command = ["ps", "-p", str(pid), "-o", "command="]
    return str(folder) in subprocess.run(command, capture_output=True, text=True).stdout
