"""Each process that runs on its own, by itself: what other imports happen to bring isn't there."""

import subprocess
import sys

import pytest

_KNOWS_ALL = "from storage.base import Base; assert Base.metadata.sorted_tables"


@pytest.mark.parametrize("process", ["worker", "api.app", "runtime.cli"])
def test_a_process_knows_every_table_that_its_own_refer_to(process: str) -> None:
    script = f"import {process}; {_KNOWS_ALL}"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
