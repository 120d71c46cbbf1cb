"""`rescind policy diff` on real files."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from runtime.cli import rescind

POLICIES = Path(__file__).parents[3] / "policies"
SALON = POLICIES / "salon.yaml"
TEXT = SALON.read_text(encoding="utf-8")


def run(old: Path, new: Path, *options: str) -> Result:
    return CliRunner().invoke(rescind, ["policy", "diff", str(old), str(new), *options])


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "salon.yaml"


def changed(file: Path, old: str, new: str) -> Path:
    assert old in TEXT
    file.write_text(TEXT.replace(old, new), encoding="utf-8")
    return file


def test_a_policy_is_the_same_as_itself() -> None:
    done = run(SALON, SALON)
    assert done.exit_code == 0
    assert done.output.startswith("Nothing differs: ")


def test_other_words_for_the_same_are_no_difference(file: Path) -> None:
    done = run(SALON, changed(file, "# A hair salon", "# My salon"))
    assert done.exit_code == 0


def test_a_changed_rule_is_told_in_both_wordings(file: Path) -> None:
    done = run(SALON, changed(file, "24h", "48h"))
    assert done.exit_code == 1
    assert "changed  rules[2]" in done.output
    assert "was  Less than 24 hours before the start: the fee is half of the price." in done.output
    assert "now  Less than 48 hours before the start: the fee is half of the price." in done.output


def test_a_situation_between_the_old_and_the_new_boundary_is_shown(file: Path) -> None:
    output = run(SALON, changed(file, "24h", "48h")).output
    assert "1 d 23 h 59 min 59 s before the start" in output
    assert "was  allowed: €100.00 back, fee €0.00, by rules[3]" in output
    assert "now  allowed: €50.00 back, fee €50.00, by rules[2]" in output
    assert "are answered differently" in output


def test_a_rule_that_moved_is_said_to_have_moved(file: Path) -> None:
    ill = "  - when: {reason: illness}\n    keep: nothing\n"
    late = "  - when: {notice: {under: 24h}}\n    keep: 50%\n"
    done = run(SALON, changed(file, ill + late, late + ill))
    assert done.exit_code == 1
    assert "moved    rules[" in done.output
    assert "reason illness" in done.output


def test_added_and_removed_rules_and_terms_are_told(file: Path) -> None:
    rule = "  - when: {stage: no_show}\n    keep: everything\n"
    done = run(SALON, changed(file, rule, ""))
    assert "removed  rules[0]" in done.output
    assert "No-show: the fee is the whole price." in done.output
    back = run(file, SALON)
    assert "added    rules[0]" in back.output
    undo = run(SALON, changed(file, "forms:", "undo: 1h\nforms:"))
    assert "changed  undo" in undo.output
    assert "situations" not in undo.output
    assert "Situations: all " in undo.output


def test_json_tells_each_difference_and_each_situation_with_both_decisions(file: Path) -> None:
    done = run(SALON, changed(file, "50%", "60%"), "--json")
    assert done.exit_code == 1
    told = json.loads(done.output)
    (one,) = told["differences"]
    assert (one["section"], one["way"], one["old"]["place"]) == ("rules", "changed", "rules[2]")
    situations = told["situations"]
    assert 0 < situations["differing"] < situations["tried"]
    first = situations["examples"][0]
    assert (first["old"]["fee_minor"], first["new"]["fee_minor"]) == (5000, 6000)
    assert first["facts"]["starts_at"]


def test_a_policy_that_can_not_be_read_ends_with_2(file: Path) -> None:
    file.write_text("rules: 3")
    assert run(SALON, file).exit_code == 2
    assert run(file, SALON).exit_code == 2
    assert run(SALON, file.with_name("none.yaml")).exit_code == 2
