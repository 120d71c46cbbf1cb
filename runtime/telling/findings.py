"""What the linter found, for people and for programs."""

import json
import textwrap
from collections.abc import Iterator, Sequence

import click

from domain.policy.linting.findings import PolicyFinding, Severity
from runtime.policies.looking_over import Looked

_WIDTH = 79
_INDENT = " " * 4
_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow"}


def lines(looked: Sequence[Looked]) -> Iterator[str]:
    """File by file, and at last how many. Colours are for terminals."""
    for file in looked:
        for finding in file.findings:
            yield from _finding(str(file.path), finding)
    errors, warnings = (_count(looked, severity) for severity in Severity)
    files = _counted(len(looked), "policy", "policies")
    if not errors and not warnings:
        yield f"{files}, nothing to report"
        return
    found = (_counted(errors, "error", "errors"), _counted(warnings, "warning", "warnings"))
    yield f"{files}: {', '.join(found)}"


def as_json(looked: Sequence[Looked]) -> str:
    told = {
        "errors": _count(looked, Severity.ERROR),
        "warnings": _count(looked, Severity.WARNING),
        "files": [
            {"file": str(file.path), "findings": [f.model_dump(mode="json") for f in file.findings]}
            for file in looked
        ],
    }
    return json.dumps(told, indent=2)


def _finding(path: str, finding: PolicyFinding) -> Iterator[str]:
    at = f":{finding.line}:{finding.column}" if finding.line else ""
    kind = click.style(finding.severity.value, fg=_COLOURS[finding.severity])
    yield f"{path}{at}: {kind}: {finding.code}"
    yield _INDENT + finding.place
    yield from textwrap.wrap(
        finding.text, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT
    )
    yield ""


def _count(looked: Sequence[Looked], severity: Severity) -> int:
    return sum(file.count(severity) for file in looked)


def _counted(count: int, one: str, several: str) -> str:
    return f"{count} {one if count == 1 else several}"
