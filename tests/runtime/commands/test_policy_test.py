"""`rescind policy test` on real files."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from runtime.cli import rescind

POLICIES = Path(__file__).parents[3] / "policies"
NAMES = ("salon", "shop")
SALON = POLICIES / "salon.yaml"


def run(policy: Path, cases: Path, *options: str) -> Result:
    return CliRunner().invoke(rescind, ["policy", "test", str(policy), str(cases), *options])


def cases_of(name: str) -> list[dict[str, Any]]:
    text = (POLICIES / "cases" / f"{name}.jsonl").read_text()
    return [json.loads(line) for line in text.splitlines()]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cases.jsonl"


def write(file: Path, *lines: Any) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    file.write_text("\n".join(texts))
    return file


@pytest.mark.parametrize("name", NAMES)
def test_a_preset_passes_its_own_cases(name: str) -> None:
    done = run(POLICIES / f"{name}.yaml", POLICIES / "cases" / f"{name}.jsonl")
    assert done.exit_code == 0, done.output
    assert f"{len(cases_of(name))} passed, 0 failed, 0 not scored" in done.output


def test_a_wrong_answer_is_told_with_both_answers_and_the_rule(file: Path) -> None:
    case = cases_of("salon")[0]
    case["expected"] |= {"refund_minor": 1}
    done = run(SALON, write(file, case))
    assert done.exit_code == 1
    assert "refund_minor  ours 4500, right 1" in done.output
    assert "allowed by " in done.output
    assert "trace: " in done.output
    assert "0 passed, 1 failed" in done.output


def test_it_fits_80_columns_and_has_no_colours_outside_a_terminal(file: Path) -> None:
    case = cases_of("salon")[0]
    case["expected"] |= {"refund_minor": 1, "why": "because " * 40}
    output = run(SALON, write(file, case)).output
    assert "\x1b" not in output
    assert max(map(len, output.splitlines())) < 80


def test_what_a_case_leaves_open_is_not_scored(file: Path) -> None:
    case = cases_of("salon")[0] | {"expected": {"eligible": None, "why": "nobody says"}}
    done = run(SALON, write(file, case))
    assert done.exit_code == 0
    assert "0 passed, 0 failed, 1 not scored" in done.output


def test_an_expectation_that_nobody_knows_is_named(file: Path) -> None:
    case = cases_of("salon")[0]
    case["expected"] = {"refund_minr": 1}
    done = run(SALON, write(file, case))
    assert (done.exit_code, "refund_minr" in done.output) == (0, True)


def test_an_inferred_answer_is_told_apart_and_decides_nothing(file: Path) -> None:
    case = cases_of("salon")[0]
    wrong = case | {"expected": {"refund_minor": 1}, "inferred": True}
    done = run(SALON, write(file, wrong, case))
    assert done.exit_code == 0
    assert "1 passed, 0 failed, 0 not scored; of 1 inferred 0 agree" in done.output


def test_json_tells_all_of_it(file: Path) -> None:
    case = cases_of("salon")[0]
    done = run(SALON, write(file, case | {"expected": {"refund_minor": 1, "points": 2}}), "--json")
    told = json.loads(done.output)
    assert told["policy"] == "salon"
    assert told["summary"]["failed"] == 1
    (one,) = told["cases"]
    assert (one["id"], one["line"], one["result"]) == (case["id"], 1, "failed")
    assert one["differences"] == [{"field": "refund_minor", "ours": 4500, "right": 1}]
    assert one["not_compared"] == ["points"]
    assert one["decision"]["outcome"] == "allowed"


def test_of_several_policies_only_its_own_cases_count(file: Path) -> None:
    write(file, *cases_of("salon"), *cases_of("clinic"))
    assert f"{len(cases_of('salon'))} passed" in run(SALON, file).output
    every = run(SALON, file, "--all").output
    assert f"{len(cases_of('salon'))} passed, 0 failed" not in every


def test_cases_of_other_policies_only_are_no_proof(file: Path) -> None:
    done = run(SALON, write(file, *cases_of("shop"), *cases_of("clinic")))
    assert done.exit_code == 2
    assert "no case of policy salon" in done.output


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "line 2: column 2"),
        ("[]", "line 2: must be a JSON object"),
        ("\udce4".encode("utf-8", "surrogateescape").decode("latin-1"), "line 2"),
        ('{"kind": "order"}', "line 2: facts: "),
        ('{"id": "x", "kind": "order", "facts": {"items": 3}}', "line 2: facts.items: "),
    ],
)
def test_a_line_that_cannot_be_read_is_named_and_the_rest_still_runs(
    file: Path, line: str, told: str
) -> None:
    done = run(SALON, write(file, cases_of("salon")[0], line))
    assert done.exit_code == 2
    assert told in done.output
    assert "1 passed, 0 failed, 0 not scored, 1 unreadable" in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id: [", "line 1, column "),
        ("id: a\nid: b", "line 2, column 1: 'id' is there twice"),
        ("- a", "must be a mapping"),
        ("", "must be a mapping"),
        ("a: &a [*a]", "contains itself"),
        ("\0", "character 0"),
        ("[" * 5000, "nested too deep"),
        ("id: salon\nno_such_rule: 1", "no_such_rule"),
    ],
)
def test_a_policy_that_cannot_be_read_is_told_with_its_place(
    tmp_path: Path, text: str, told: str
) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text(text)
    done = run(broken, POLICIES / "cases" / "salon.jsonl")
    assert done.exit_code == 2
    assert told in done.output
    assert "Traceback" not in done.output
    as_json = run(broken, POLICIES / "cases" / "salon.jsonl", "--json")
    assert told in " ".join(json.loads(as_json.stdout)["errors"])


def test_no_small_text_grows_without_bound(tmp_path: Path) -> None:
    rows = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    bomb = tmp_path / "bomb.yaml"
    bomb.write_text("\n".join(rows))
    done = run(bomb, POLICIES / "cases" / "salon.jsonl")
    assert done.exit_code == 2
    assert "more than 20000 values" in done.output


def test_a_policy_may_extend_one_beside_it_and_its_faults_are_told(tmp_path: Path) -> None:
    mine, base = tmp_path / "mine.yaml", tmp_path / "base.yaml"
    mine.write_text("title: Mine\nextends: base")
    case = write(tmp_path / "cases.jsonl", cases_of("salon")[0] | {"expected": {"eligible": True}})
    base.write_text("title: Base\nrules: [{keep: nothing}]")
    assert run(mine, case).exit_code == 0
    base.write_text("title: [")
    done = run(mine, case)
    assert done.exit_code == 2
    assert "base.yaml: line 1" in done.output
    base.unlink()
    assert "no policy 'base'" in run(mine, case).output


def test_the_case_in_the_docs_passes(file: Path) -> None:
    text = (POLICIES.parent / "docs" / "policy-tools.md").read_text()
    case = json.loads(text.split("```json")[1].split("```")[0])
    done = run(SALON, write(file, case))
    assert "1 passed, 0 failed" in done.output
