"""This machine: room in the data folder, and the versions of what runs."""

import asyncio
import platform
import shutil
from importlib.metadata import version
from pathlib import Path

from runtime.doctor.findings import Finding, bounded, broken, fine, warning

LITTLE = 2_000_000_000
TOO_LITTLE = 200_000_000


async def examine(data: Path) -> list[Finding]:
    remedy = f"Look at the disk that holds {data}."
    return [await bounded("disk", asyncio.to_thread(_disk, data), remedy), _versions()]


def _disk(data: Path) -> Finding:
    """The folder may not be there yet; then its place is what counts."""
    folder = next(path for path in (data, *data.parents) if path.exists())
    return judge(shutil.disk_usage(folder).free, data)


def judge(free: int, data: Path) -> Finding:
    says = f"{free / 1e9:.1f} GB free for {data}."
    remedy = "Make room, or move the folder with RESCIND_DATA."
    if free < TOO_LITTLE:
        return broken("disk", f"Only {says}", remedy)
    if free < LITTLE:
        return warning("disk", f"Only {says}", remedy)
    return fine("disk", says)


def _versions() -> Finding:
    packages = ("rescind", "temporalio", "sqlalchemy", "pydantic")
    told = [f"{package} {version(package)}" for package in packages]
    return fine("versions", f"{', '.join(told)}, Python {platform.python_version()}.")
