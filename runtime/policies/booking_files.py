"""Files of bookings: CSV with a header, read a piece at a time."""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from runtime.policies import hotel_bookings, plain_bookings
from runtime.policies.bookings import Reader

PIECE = 1_000
"""Rows handed on at once."""

_LONGEST_ROW = 1_000_000
"""Characters."""


class Unreadable(Exception):
    """The file as a whole can't be read."""


class Piece(NamedTuple):
    """Rows as they stand there. `first` is the number of the first one, the header being 1; `at`
    how far into the file they end, in bytes."""

    first: int
    rows: Sequence[str]
    at: int


def reader_of(header: Sequence[str]) -> Reader:
    """The reader of the columns there are. Raises Unreadable where none fits."""
    names = {name.strip() for name in header}
    if names >= hotel_bookings.COLUMNS:
        return hotel_bookings.reader(header)
    if missing := plain_bookings.NEEDED - names:
        raise Unreadable(f"the header lacks {', '.join(sorted(missing))}")
    return plain_bookings.reader(header)


def header_of(path: Path) -> list[str]:
    """The names of the columns. Raises Unreadable."""
    with _opened(path) as (_, lines):
        header = next(csv.reader(_rows(lines)), None)
    if not header:
        raise Unreadable("the file is empty")
    reader_of(header)
    return header


def pieces(path: Path, limit: int | None = None) -> Iterator[Piece]:
    """All rows after the header, at most `limit`. Raises Unreadable."""
    with _opened(path) as (raw, lines):
        rows = _rows(lines)
        next(rows, None)
        piece: list[str] = []
        first = last = 2
        for last, row in enumerate(rows, start=2):
            if limit is not None and last - 2 >= limit:
                break
            piece.append(row)
            if len(piece) == PIECE:
                yield Piece(first, piece, raw.tell())
                piece, first = [], last + 1
        if piece:
            yield Piece(first, piece, raw.tell())


@contextmanager
def _opened(path: Path) -> Iterator[tuple[IO[bytes], Iterator[str]]]:
    """The file as it lies there, whose place tells the progress, and its lines unpacked."""
    try:
        with path.open("rb") as raw:
            packed = gzip.GzipFile(fileobj=raw) if path.suffix == ".gz" else raw
            with io.TextIOWrapper(packed, "utf-8-sig", errors="replace", newline="") as lines:
                yield raw, lines
    except (OSError, EOFError, zlib.error) as error:
        raise Unreadable(f"the file can't be read: {error}") from None


def _rows(lines: Iterator[str]) -> Iterator[str]:
    """Whole rows: a cell in quotes may have line ends of its own."""
    for line in lines:
        row = line
        while row.count('"') % 2:
            more = next(lines, "")
            if not more or len(row) > _LONGEST_ROW:
                raise Unreadable(f"a quote is never closed: {row[:40]!r}")
            row += more
        if row.strip():
            yield row
