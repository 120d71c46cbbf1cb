"""One installation for each data folder."""

import os
from pathlib import Path

import pytest

from runtime import lock
from runtime.errors import StartupError


def test_a_second_start_is_refused_and_names_the_first(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with (
        lock.hold(data),
        pytest.raises(StartupError, match=f"process {os.getpid()}"),
        lock.hold(data),
    ):
        pytest.fail("two hold the same folder")


def test_the_folder_is_free_after_the_first_ended(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with lock.hold(data):
        assert lock.is_held(data)
    assert not lock.is_held(data)
    with lock.hold(data):
        pass


def test_a_folder_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(StartupError, match="not made by Rescind"), lock.hold(tmp_path):
        pytest.fail("took a folder with other people's files")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
