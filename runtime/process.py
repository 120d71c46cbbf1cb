"""Child processes that never outlive their parent."""

import asyncio
import ctypes
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_PR_SET_PDEATHSIG = 1
_LOG_LIMIT = 10_000_000


def dies_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """Make a `preexec_fn`: the kernel signals the child when its parent is gone (Linux only)."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, number)

    return ask


def spawn(
    command: Sequence[str | Path],
    log: Path,
    *,
    stop: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    user: int | None = None,
    group: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own, so that Ctrl-C at a terminal reaches only the parent.

    Its output is appended to `log`; a log that has grown past ten megabytes is set aside first.
    Call it from the main thread: the kernel ties the child to the thread that forked it.
    """
    if log.exists() and log.stat().st_size > _LOG_LIMIT:
        log.replace(log.with_suffix(".old"))
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            cwd=cwd,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            preexec_fn=dies_with_parent(stop),
        )


async def end(child: subprocess.Popen[bytes], stop: signal.Signals, patience: float) -> None:
    """Ask a child to stop and wait; after `patience` seconds it is killed."""
    with suppress(ProcessLookupError):
        child.send_signal(stop)
    for _ in range(int(patience / 0.02)):
        if child.poll() is not None:
            return
        await asyncio.sleep(0.02)
    child.kill()
    await asyncio.to_thread(child.wait)


def last_lines(log: Path, count: int = 12) -> str:
    """Read the end of a log, of its last 16 kB at most."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        lines = file.read().decode(errors="replace").splitlines()
    return "\n".join(lines[-count:])
