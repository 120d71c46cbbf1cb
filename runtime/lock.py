"""One running installation for each data folder."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from runtime.errors import StartupError


@contextmanager
def hold(data: Path) -> Iterator[None]:
    """Keep others out of the data folder, made here if missing.

    Raises StartupError if it is in use, or holds files of someone else: `reset` empties it. The
    lock belongs to the open file, so it ends with the process however that ends.
    """
    descriptor = _open(data)
    try:
        _take(descriptor, data)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _open(data: Path) -> int:
    try:
        if not data.exists():
            data.mkdir(parents=True)
            data.chmod(0o711)  # an account of its own runs PostgreSQL further down
        if not (data / "lock").exists() and any(data.iterdir()):
            raise StartupError(
                f"{data} is not empty and was not made by Rescind. "
                "Choose another folder with RESCIND_DATA."
            )
        return os.open(data / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StartupError(
            f"The data folder {data} can't be used: {error.strerror}. "
            "Choose another with RESCIND_DATA."
        ) from error


def _take(descriptor: int, data: Path) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        pid = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
        raise StartupError(
            f"Rescind is already running on {data} (process {pid}). "
            "Stop it first, or choose another folder with RESCIND_DATA."
        ) from None


def is_held(data: Path) -> bool:
    """Say whether some process holds the folder at this moment."""
    if not (data / "lock").exists():
        return False
    try:
        with hold(data):
            return False
    except StartupError:
        return True
