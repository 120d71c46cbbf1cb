"""`rescind policy show` on real files."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runtime.cli import rescind

POLICIES = Path(__file__).parents[3] / "policies"
SHOWN = Path(__file__).parent / "shown"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(rescind, ["policy", "show", *arguments])


@pytest.mark.parametrize("file", sorted(SHOWN.iterdir()), ids=lambda file: file.stem)
def test_a_policy_reads_as_it_was_looked_over(file: Path) -> None:
    name, language = file.stem.split(".")
    done = run(str(POLICIES / f"{name}.yaml"), "--language", language)
    assert done.exit_code == 0, done.output
    assert done.output == file.read_text(encoding="utf-8")


def test_json_names_the_place_of_each_sentence_and_what_decisions_call_the_rule() -> None:
    done = run(str(POLICIES / "misasa-ryokan-matrix.yaml"), "--json")
    sections = {section["key"]: section for section in json.loads(done.output)["sections"]}
    noshow, table = sections["rules"]["told"]
    assert (noshow["rule"], noshow["place"]) == ("rules[0]", "rules[0]")
    assert noshow["text"] == "No-show: the fee is the whole price."
    assert table["table"][1] == ["Until 9 calendar days before the start", *["nothing"] * 3]


def test_a_rule_with_a_name_is_shown_by_it(tmp_path: Path) -> None:
    file = tmp_path / "p.yaml"
    file.write_text("title: P\nrules: [{name: always_free, keep: nothing}]\n")
    assert "  always_free  Always: free." in run(str(file)).output


@pytest.mark.parametrize("text", ["title: P\nrules: [{keep: 50}]\n", "title: [", "rules: 3"])
def test_what_can_not_be_read_is_told_and_ends_with_2(tmp_path: Path, text: str) -> None:
    file = tmp_path / "p.yaml"
    file.write_text(text)
    done = run(str(file))
    assert done.exit_code == 2
    assert done.output.startswith(str(file))


def test_a_file_that_is_not_there_ends_with_2(tmp_path: Path) -> None:
    done = run(str(tmp_path / "none.yaml"))
    assert done.exit_code == 2
    assert "there is no such file" in done.output


def test_without_a_service_the_name_of_a_policy_says_how_to_start_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RESCIND_DATA", str(tmp_path))
    monkeypatch.delenv("RESCIND_URL", raising=False)
    done = run("salon")
    assert done.exit_code == 2
    assert "Start with `rescind up`" in done.output
