"""Free ports on the loopback interface."""

import socket
from collections.abc import Collection

from runtime.errors import StartupError

LOOPBACK = "127.0.0.1"


def is_free(port: int, host: str = LOOPBACK) -> bool:
    """Say whether a server could listen there now; connections still closing don't count."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def any_free(count: int = 1) -> list[int]:
    """Let the system choose `count` different ports."""
    probes = [socket.socket(socket.AF_INET, socket.SOCK_STREAM) for _ in range(count)]
    try:
        for probe in probes:
            probe.bind((LOOPBACK, 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def next_free(wanted: int, taken: Collection[int] = (), host: str = LOOPBACK) -> int:
    """Find the first free port of a hundred from `wanted` on.

    `taken` are promised to others. Raises StartupError.
    """
    for port in range(wanted, min(wanted + 100, 65536)):
        if port not in taken and is_free(port, host):
            return port
    raise StartupError(f"No free port from {wanted} to {wanted + 99}.")
