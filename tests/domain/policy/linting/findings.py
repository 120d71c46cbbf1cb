"""What the linter says of a policy that is written in a test."""

from typing import Any

from domain.policy.lint import lint
from domain.policy.linting.findings import PolicyFinding
from tests.domain.factories import a_policy

Rule = dict[str, Any]


def found(*rules: Rule, **document: Any) -> list[tuple[str, str]]:
    """Codes and places, without the remark that nobody said how to round."""
    return [(each.code, each.place) for each in findings(*rules, **document)]


def findings(*rules: Rule, **document: Any) -> tuple[PolicyFinding, ...]:
    whole = {"rounding": "down", "rules": list(rules), **document}
    return lint(a_policy(**whole))


def texts(*rules: Rule, **document: Any) -> list[str]:
    return [each.text for each in findings(*rules, **document)]
