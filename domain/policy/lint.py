"""Finds what an author can't have meant, or should look at again."""

from collections.abc import Iterator

from domain.policy.linting import coverage
from domain.policy.linting.alternatives import alternatives
from domain.policy.linting.amounts import amounts
from domain.policy.linting.effects import IsWorded, effects
from domain.policy.linting.findings import PolicyFinding, Severity
from domain.policy.linting.measures import measure
from domain.policy.linting.names import names
from domain.policy.linting.order import order
from domain.policy.linting.overlaps import overlaps
from domain.policy.linting.walking import guards
from domain.policy.linting.wording import wording
from domain.policy.policy import Policy

MOST_FINDINGS = 200
"""More than anybody reads."""


def lint(
    policy: Policy, *, prose: str = "", is_worded: IsWorded | None = None
) -> tuple[PolicyFinding, ...]:
    """Look a policy over: errors first, each kind in the order of the document's parts.

    `prose` is what the author says about it beside the document, such as the comment at the head
    of its file. `is_worded` knows the codes that there are sentences for.
    """
    found = dict.fromkeys(_all(policy, prose, is_worded))
    told = sorted(found, key=lambda finding: finding.severity is not Severity.ERROR)
    return tuple(told[:MOST_FINDINGS])


def _all(policy: Policy, prose: str, is_worded: IsWorded | None) -> Iterator[PolicyFinding]:
    measures, document = measure(policy), policy.document
    conditions = list(guards(document))
    most = max(2, 6_000 // max(1, len(conditions)))
    never = [coverage.never(guard, measures, most) for guard in conditions]
    yield from (finding for finding in never if finding)
    table = coverage.table_of(policy, measures)
    idle = list(coverage.unreachable(table))
    yield from idle
    yield from coverage.gaps(table)
    places = {finding.place for finding in idle}
    yield from (each for each in overlaps(table) if each.place.rpartition(".")[0] not in places)
    yield from alternatives(table)
    yield from order(table)
    yield from amounts(document)
    yield from names(policy)
    yield from effects(document, is_worded)
    yield from wording(document, prose)
