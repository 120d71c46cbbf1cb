"""The commands about an installation's data."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from runtime.cli import rescind


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("RESCIND_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def test_reset_forgets_all_that_is_kept(data: Path) -> None:
    (data / "mail").mkdir(parents=True)
    (data / "lock").touch()
    (data / "mail" / "1.eml").touch()
    assert "is gone" in CliRunner().invoke(rescind, ["reset"]).output
    assert [path.name for path in data.iterdir()] == ["lock"]


def test_reset_of_nothing_is_fine(data: Path) -> None:
    assert "Nothing is kept" in CliRunner().invoke(rescind, ["reset"]).output


def test_seed_needs_nothing_running_and_may_be_repeated(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for _ in range(2):
        done = CliRunner().invoke(rescind, ["seed"])
        assert done.exit_code == 0, done.output
