"""Files of policy cases: one JSON object a line."""

import gzip
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain.errors import CaseInvalid


@dataclass(frozen=True)
class Entry:
    """A line with what stands there, or why it can't be read."""

    line: int
    given: dict[str, Any] | None
    fault: str = ""

    @property
    def policy_id(self) -> str | None:
        named = (self.given or {}).get("policy_id")
        return named if isinstance(named, str) else None


def read(path: Path) -> list[Entry]:
    """Every line that isn't blank. Raises CaseInvalid for a file that can't be read at all."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as lines:
            return [_entry(number, line) for number, line in _numbered(lines)]
    except (OSError, EOFError, zlib.error) as error:
        raise CaseInvalid(f"the file can't be read: {error}") from None


def choose(entries: list[Entry], policy_id: str) -> list[Entry]:
    """Those of this policy, where the file has cases of several; else all. A line that names none,
    or can't be read, belongs to every policy."""
    if len({entry.policy_id for entry in entries} - {None}) < 2:
        return entries
    return [entry for entry in entries if entry.policy_id in (None, policy_id)]


def _numbered(lines: Any) -> Iterator[tuple[int, bytes]]:
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield number, line


def _entry(number: int, line: bytes) -> Entry:
    try:
        given = json.loads(line)
    except json.JSONDecodeError as error:
        return Entry(number, None, f"column {error.colno}: {error.msg}")
    except (ValueError, RecursionError):
        return Entry(number, None, "is no JSON that can be read")
    if not isinstance(given, dict):
        return Entry(number, None, "must be a JSON object")
    return Entry(number, given)
