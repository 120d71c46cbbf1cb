"""The findings as lines for people, or as JSON."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence

from runtime.doctor.findings import Finding, Level, counted

_SIGNS = {Level.FINE: "✓", Level.WARNING: "!", Level.BROKEN: "✗", Level.UNCHECKED: "–"}


def lines(found: Sequence[Finding]) -> Iterator[str]:
    """One line a check, then one that sums up."""
    width = max(len(finding.check) for finding in found)
    for finding in found:
        sign = _SIGNS[finding.level]
        yield f"{sign} {finding.check:{width}}  {finding.says} {finding.remedy}".rstrip()
    yield ""
    yield _sum(Counter(finding.level for finding in found))


def _sum(levels: Counter[Level]) -> str:
    broken, warnings = levels[Level.BROKEN], levels[Level.WARNING]
    if broken:
        looks = f", {counted(warnings, 'warning')}" if warnings else ""
        return f"{counted(broken, 'thing is', 'things are')} broken (✗){looks}."
    if warnings:
        return f"It works; {counted(warnings, 'thing wants', 'things want')} a look (!)."
    return "Everything is fine."


def as_json(found: Sequence[Finding]) -> str:
    """`status` is the worst of all levels; unchecked counts only beside something broken."""
    levels = {finding.level for finding in found}
    order = (Level.BROKEN, Level.WARNING)
    status = next((level for level in order if level in levels), Level.FINE)
    findings = [finding._asdict() for finding in found]
    return json.dumps({"status": status, "findings": findings}, indent=2, ensure_ascii=False)
