"""`rescind policy law`: what comes along, as it is written, and clean."""

import re
from typing import Any

import pytest
from click.testing import CliRunner

from domain.policy.reading.policies import parse_policy
from runtime.cli import rescind
from runtime.policies.looking_over import look_over
from runtime.seeds import LAWS
from use_cases.documents import read_document

ROOT = LAWS.parents[1]
NAMES = sorted(path.stem for path in LAWS.glob("*.yaml"))


def test_the_laws_are_listed_and_each_can_be_read() -> None:
    listed = CliRunner().invoke(rescind, ["policy", "law"])
    assert (listed.exit_code, [line.split()[0] for line in listed.output.splitlines()]) == (
        0,
        NAMES,
    )
    printed = CliRunner().invoke(rescind, ["policy", "law", "us-airline-24-hours"])
    assert printed.output == (LAWS / "us-airline-24-hours.yaml").read_text()
    assert parse_policy(read_document(printed.output)).id == "us-airline-24-hours"


def test_a_law_that_is_not_there_is_answered_with_those_that_are() -> None:
    asked = CliRunner().invoke(rescind, ["policy", "law", "nobody"])
    assert asked.exit_code == 2
    assert "eu-withdrawal-goods" in asked.output


@pytest.mark.parametrize("name", NAMES)
def test_the_linter_has_nothing_to_say_of_a_law(name: str) -> None:
    assert look_over(LAWS / f"{name}.yaml").findings == ()


def _beside(name: str) -> dict[str, Any] | None:
    file = LAWS / f"{name}.yaml"
    return read_document(file.read_text()) if file.exists() else None


@pytest.mark.parametrize("page", ["law.md", "choosing-a-policy.md"])
def test_the_examples_on_a_page_can_be_read(page: str) -> None:
    text = (ROOT / "docs" / page).read_text()
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert examples
    for example in examples:
        policy = parse_policy(read_document(example), _beside)
        assert policy.rules
