"""What a case is about is data: the product's code knows no policy, article or reason of one."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.policy.document import Base
from domain.policy.vocabulary import NAMES
from domain.subjects import LineKind
from tests.domain.cases import ROOT
from tests.domain.policy.test_presets import OWN, PRESETS, PUBLIC

FOLDERS = (
    "activities", "api", "domain", "notifications", "providers",
    "sandbox", "storage", "use_cases", "web", "workflows",
)  # fmt: skip
FILES = [ROOT / "worker.py", *(path for each in FOLDERS for path in (ROOT / each).rglob("*.py"))]
LANGUAGE = {*NAMES, *Base, *LineKind, "unit", "night", "line", "person", "day", "hour"}
"""Words of the policy language, some of which are articles as well."""


def words_of_cases() -> set[str]:
    words = set(PRESETS)
    for case in (*OWN, *PUBLIC):
        words.add(case.get("reason") or "")
        words.update(item.get("sku", "") for item in case["facts"].get("items") or ())
    spelled = {form for word in words for form in (word, word.replace(" ", "_"))}
    return spelled - LANGUAGE - {""}


def constants(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("folder", [*FOLDERS, "worker.py"])
def test_no_policy_article_or_reason_of_a_case_is_named(folder: str) -> None:
    files = [path for path in FILES if path.relative_to(ROOT).parts[0] == folder]
    words = words_of_cases()
    named = {text for path in files for text in constants(path)} & words
    assert (named, bool(files), "illness" in words) == (set(), True, True)
