"""Policies in files, looked over by the linter."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from domain.errors import PolicyInvalid
from domain.policy.lint import lint
from domain.policy.linting.findings import PolicyFinding, Severity, error
from notifications import catalogue
from runtime.policies.files import load_policy, text_of
from use_cases.documents import nearest, positions


class Looked(NamedTuple):
    """A file and what was found in it, in the order of its lines."""

    path: Path
    findings: tuple[PolicyFinding, ...]
    is_readable: bool = True

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)


def look_over(path: Path) -> Looked:
    """Lint a file. What can't be read, or makes no policy, is found as well."""
    try:
        text = text_of(path)
        places = positions(text)
    except PolicyInvalid as refused:
        return Looked(path, _refused(refused, "unreadable"), is_readable=False)
    try:
        found = lint(load_policy(path), prose=head_of(text), is_worded=is_worded)
    except PolicyInvalid as refused:
        found = _refused(refused, "invalid")
    placed = [_placed(finding, nearest(finding.place, places)) for finding in found]
    return Looked(path, tuple(sorted(placed, key=lambda each: (each.line or 0, each.column or 0))))


def _refused(refused: PolicyInvalid, code: str) -> tuple[PolicyFinding, ...]:
    return tuple(error(code, place, problem) for place, problem in refused.problems)


def head_of(text: str) -> str:
    """The comment at the head of a file, where authors say what the policy is about."""
    return " ".join(_comments(text))


def is_worded(sort: str, code: str) -> bool:
    """Whether there is a sentence for a code; `sort` is code or form."""
    kinds = ("order", "appointment")
    return any(catalogue.find(catalogue.DEFAULT, "words", sort, code, kind=kind) for kind in kinds)


def _comments(text: str) -> Iterator[str]:
    for line in text.splitlines():
        if not line.startswith("#"):
            return
        yield line.lstrip("# ")


def _placed(finding: PolicyFinding, at: tuple[int, int] | None) -> PolicyFinding:
    if at is None:
        return finding
    return finding.model_copy(update={"line": at[0], "column": at[1]})
