"""Finds what an author can't have meant, or should look at again."""

from collections.abc import Iterator

from domain.policy.linting import coverage
from domain.policy.linting.alternatives import alternatives
from domain.policy.linting.findings import PolicyFinding
from domain.policy.linting.measures import Measures, measure
from domain.policy.linting.order import order
from domain.policy.linting.overlaps import overlaps
from domain.policy.linting.walking import guards
from domain.policy.policy import Policy


def lint(policy: Policy) -> tuple[PolicyFinding, ...]:
    found = list(_all(policy, measure(policy)))
    return tuple(dict.fromkeys(found))


def _all(policy: Policy, measures: Measures) -> Iterator[PolicyFinding]:
    table = coverage.table_of(policy, measures)
    for guard in guards(policy.document):
        if finding := coverage.never(guard, measures):
            yield finding
    yield from coverage.unreachable(table)
    yield from coverage.gaps(table)
    yield from overlaps(table)
    yield from alternatives(table)
    yield from order(table)
