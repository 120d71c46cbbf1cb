"""The policies we ship: no errors, and no warning that nobody looked at."""

from pathlib import Path

import pytest

from domain.policy.linting.findings import Severity
from runtime.policies.looking_over import look_over

FILES = sorted((Path(__file__).parents[4] / "policies").glob("*.yaml"))
USUAL = {"no_rounding", "no_wording", "no_default"}
"""Meant in published policies: they don't say how to round, their codes have a general sentence,
and a shop that sets nothing asks a person."""

REVIEWED = {
    "change-of-mind-20": {("stage_unmapped", "rules[1].when.stage")},
    "ride-2-minutes": {
        ("gap", "rules"),
        ("above_paid", "rules[0].keep"),
        ("above_paid", "rules[2].keep"),
    },
    "store-credit-split": {("stage_unmapped", "rules[0].unless.stage")},
    "vet-clinic": {("answer_too_late", "rules[0].approval")},
}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_preset_has_no_errors_and_only_warnings_that_were_looked_at(file: Path) -> None:
    looked = look_over(file)
    assert looked.count(Severity.ERROR) == 0, looked.findings
    told = {(each.code, each.place) for each in looked.findings if each.code not in USUAL}
    assert told == REVIEWED.get(file.stem, set())
    assert all(each.line for each in looked.findings)
