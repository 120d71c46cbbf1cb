"""Compiled modules of this process, kept for as long as it runs."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryDirectory


@contextmanager
def kept() -> Iterator[None]:
    """Keep what is imported from now on compiled, wherever we are installed and whatever is set.

    The sandbox imports the workflow modules anew for each run. Where bytecode can't be written, or
    isn't to be, it would compile them each time, which costs more than the rest of a short run.
    """
    with TemporaryDirectory(prefix="rescind-") as folder:
        sys.pycache_prefix, sys.dont_write_bytecode = folder, False
        yield
