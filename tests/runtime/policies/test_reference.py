from pathlib import Path

from domain.policy.schema import json_schema
from domain.policy.vocabulary import MOMENTS, NAMES
from runtime.policies.reference import reference

PAGE = Path(__file__).parents[3] / "docs" / "policy-reference.md"


def test_the_page_is_what_the_schema_says_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == reference()


def test_every_part_and_every_name_is_told() -> None:
    page = reference()
    for part in json_schema()["$defs"]:
        assert f"## {part}\n" in page or part == "Type"
    for name in (*NAMES, *MOMENTS):
        assert f"| `{name}` |" in page
