"""`rescind policy lint` on real files."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runtime.cli import rescind

POLICIES = Path(__file__).parents[3] / "policies"
CLEAN = "title: A\nrounding: down\nrules:\n  - keep: 50%\n"
GAP = """\
# Half of it with 24 hours of notice.
title: A
rounding: down
rules:
  - when:
      notice: {at_least: 24h}
    keep: 50%
"""
IDLE = CLEAN + "  - when: {stage: shipped}\n    keep: everything\n"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(rescind, ["policy", "lint", *map(str, arguments)])


def write(folder: Path, text: str | bytes, name: str = "a") -> Path:
    file = folder / f"{name}.yaml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_every_preset_is_free_of_errors() -> None:
    done = run(*POLICIES.glob("*.yaml"))
    assert done.exit_code == 0, done.output
    assert ": 0 errors, " in done.output.splitlines()[-1]


def test_a_clean_policy_has_nothing_to_report(tmp_path: Path) -> None:
    done = run(write(tmp_path, CLEAN), "--strict")
    assert (done.exit_code, done.output) == (0, "1 policy, nothing to report\n")


def test_a_warning_names_line_and_column_and_fails_only_if_that_is_wanted(tmp_path: Path) -> None:
    file = write(tmp_path, GAP)
    done = run(file)
    assert done.exit_code == 0
    assert done.output.startswith(f"{file}:4:1: warning: gap\n    rules\n    no rule fits notice")
    assert done.output.endswith("1 policy: 0 errors, 1 warning\n")
    assert all(len(line) < 80 for line in done.output.splitlines()[1:])
    assert run(file, "--strict").exit_code == 1


def test_the_head_of_a_file_is_held_against_its_rules(tmp_path: Path) -> None:
    done = run(write(tmp_path, GAP.replace("24 hours", "48 hours")))
    assert "the wording says '48 hours', and no rule has that number" in done.output


def test_an_error_fails_at_its_place(tmp_path: Path) -> None:
    done = run(write(tmp_path, IDLE))
    assert done.exit_code == 1
    assert ":5:5: error: unreachable\n    rules[1]\n" in done.output


@pytest.mark.parametrize(
    ("text", "place", "at"),
    [
        ("title: A\nrules:\n  - when: {notic: {under: 24h}}\n    keep: 50%\n",
         "rules[0].when.notic", ":3:12"),
        ("title: A\nkinds: [order, trip]\n", "kinds[1]", ":2:16"),
        ("rules: []\n", "title", ""),
    ],
)  # fmt: skip
def test_what_makes_no_policy_is_found_at_its_place(
    tmp_path: Path, text: str, place: str, at: str
) -> None:
    done = run(write(tmp_path, text))
    assert done.exit_code == 1
    assert f"{at}: error: invalid\n    {place}\n" in done.output


@pytest.mark.parametrize("text", ["a: [", b"\xff\xfe\xff", "- a\n- b\n", "a: &a [*a]\n"])
def test_a_file_that_cannot_be_read_ends_with_two(tmp_path: Path, text: str | bytes) -> None:
    done = run(write(tmp_path, CLEAN), write(tmp_path, text, "b"))
    assert done.exit_code == 2
    assert "error: unreadable" in done.output


def test_json_tells_file_by_file(tmp_path: Path) -> None:
    done = run(write(tmp_path, GAP), write(tmp_path, "a: [", "b"), "--json")
    told = json.loads(done.output)
    assert (done.exit_code, told["errors"], told["warnings"]) == (2, 1, 1)
    [gap], [unreadable] = (file["findings"] for file in told["files"])
    assert (gap["code"], gap["place"], gap["line"], gap["column"]) == ("gap", "rules", 4, 1)
    assert (unreadable["code"], unreadable["severity"]) == ("unreadable", "error")
