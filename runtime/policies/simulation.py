"""A policy over rows of past bookings, in several processes."""

import csv
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from domain.errors import InvalidRequest
from domain.facts import Facts
from domain.policy.policy import Policy
from domain.policy.tally import Tally, outline
from domain.requests import Request
from runtime import garbage
from runtime.policies.booking_files import Piece, reader_of
from runtime.policies.bookings import Reader
from runtime.policies.files import load_policy

_AHEAD = 3
"""Pieces that wait for each process: enough that none idles, and memory stays bounded."""

_SHOWN = 20


class Workers(NamedTuple):
    pool: ProcessPoolExecutor
    processes: int


@dataclass(frozen=True)
class Plan:
    """What is simulated. Files, as a policy that was read can't be sent to another process."""

    policy: Path
    against: Path | None
    header: tuple[str, ...]


@dataclass
class Simulated:
    """What came of some rows. `other_kind` are cancellations of a kind the policy doesn't serve;
    of the rows that can't be read the first are told."""

    tally: Tally = field(default_factory=Tally)
    rows: int = 0
    went_ahead: int = 0
    other_kind: int = 0
    unreadable: int = 0
    faults: list[tuple[int, str]] = field(default_factory=list)

    @property
    def cancellations(self) -> int:
        return self.rows - self.went_ahead - self.other_kind - self.unreadable

    def judge(self, new: Policy, present: Policy | None, facts: Facts, request: Request) -> None:
        """Count one cancellation. Raises InvalidRequest."""
        if facts.kind not in new.document.kinds:
            self.other_kind += 1
            return
        before = outline(present, facts, request) if present else None
        self.tally.add(facts, outline(new, facts, request), before)

    def refuse(self, row: int, fault: str) -> None:
        self.unreadable += 1
        if len(self.faults) < _SHOWN:
            self.faults.append((row, fault))

    def merge(self, other: "Simulated") -> None:
        self.tally.merge(other.tally)
        self.rows += other.rows
        self.went_ahead += other.went_ahead
        self.other_kind += other.other_kind
        self.unreadable += other.unreadable
        self.faults += other.faults[: _SHOWN - len(self.faults)]


@contextmanager
def workers(processes: int) -> Iterator[Workers | None]:
    """Processes that are there already, so that no thread of the caller is copied with them.

    None: one is asked for, and that is this one.
    """
    if processes == 1:
        yield None
        return
    context = multiprocessing.get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(processes, context, initializer=_begin) as pool:
        pool.submit(os.getpid).result()
        yield Workers(pool, processes)


def run(plan: Plan, pieces: Iterable[Piece], workers: Workers | None) -> Iterator[Simulated]:
    """Simulate piece by piece and in order, with a bounded number under way."""
    if workers is None:
        yield from (simulate(plan, piece) for piece in pieces)
        return
    waiting: deque[Future[Simulated]] = deque()
    for piece in pieces:
        waiting.append(workers.pool.submit(simulate, plan, piece))
        if len(waiting) > _AHEAD * workers.processes:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def simulate(plan: Plan, piece: Piece) -> Simulated:
    new, present, read = _prepared(plan)
    found = Simulated(rows=len(piece.rows))
    for number, row in enumerate(piece.rows, start=piece.first):
        try:
            booking = read(next(csv.reader([row], strict=True)))
            if booking is None:
                found.went_ahead += 1
            else:
                found.judge(new, present, booking.facts, booking.request)
        except (ValueError, ArithmeticError, IndexError, csv.Error) as error:
            found.refuse(number, str(error))
        except InvalidRequest as error:
            found.refuse(number, f"{error.code}: {error}")
    return found


def _begin() -> None:
    """Leave Ctrl-C to the parent, and its objects alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    garbage.settle()


@lru_cache(maxsize=4)
def _prepared(plan: Plan) -> tuple[Policy, Policy | None, Reader]:
    against = load_policy(plan.against) if plan.against else None
    return load_policy(plan.policy), against, reader_of(plan.header)
