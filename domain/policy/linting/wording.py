"""What the business says in its own words against the numbers in its rules."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.money import decimals
from domain.policy.clock.spans import Span, read_notice
from domain.policy.document import Document
from domain.policy.linting import amounts
from domain.policy.linting import prose as reading
from domain.policy.linting.findings import PolicyFinding, warning
from domain.policy.linting.prose import Quantity
from domain.policy.linting.walking import all_atoms, charges
from domain.policy.reading.quantities import read_part, read_sum

_HOURS = {"minutes": 1 / 60, "hours": 1, "days": 24, "weeks": 168}
_MONTHS = {"months": 1, "years": 12}
_DOLLARS = ("AUD", "CAD", "HKD", "NZD", "SGD", "TWD")
_LONGEST = 20_000


@dataclass
class Constants:
    """Every number of a document, by its sort. Plain ones may stand for anything."""

    hours: set[float] = field(default_factory=set)
    business_days: set[float] = field(default_factory=set)
    months: set[float] = field(default_factory=set)
    percents: set[float] = field(default_factory=set)
    sums: set[tuple[float, str]] = field(default_factory=set)
    clocks: set[float] = field(default_factory=set)
    plain: set[float] = field(default_factory=set)


def wording(document: Document, prose: str) -> Iterator[PolicyFinding]:
    """Numbers of the wording that no rule has; and of rules that the document's own wording, which
    says all of it, doesn't have. `prose` beside it may say less than the rules do."""
    known = _constants(document)
    own = document.wording or ""
    for place, text in (("wording", own), ("document", prose[:_LONGEST])):
        for each in dict.fromkeys(q.text for q in reading.quantities(text) if not _has(known, q)):
            told = f"the wording says {each!r}, and no rule has that number"
            yield warning("only_in_wording", place, f"{told}. Mend the one that is wrong")
    if own.strip():
        yield from _unsaid(document, reading.figures(own))


def _constants(document: Document) -> Constants:
    known = Constants()
    written = document.model_dump(mode="json", by_alias=True, exclude_unset=True)
    for word in ("wording", "title", "id", "sentences"):
        written.pop(word, None)
    for value in dict.fromkeys(_scalars(written)):
        _add(known, value)
    return known


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield name
            yield from _scalars(inner)
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _scalars(each)
    elif not isinstance(value, bool) and value is not None:
        yield value


def _add(known: Constants, value: Any) -> None:
    if not isinstance(value, str):
        known.plain.add(float(value))
        return
    for read in (_add_span, _add_part, _add_sum):
        try:
            read(known, value)
        except ValueError:
            continue
        return
    known.plain |= reading.figures(value.replace("_", " ")) - {50}
    known.clocks |= {q.value for q in reading.quantities(value) if q.unit == "clock"}


def _add_span(known: Constants, value: str) -> None:
    for span in _parts(read_notice(value)):
        _add_one(known, span)


def _parts(span: Span) -> Iterator[Span]:
    yield span
    if span.then is not None:
        yield from _parts(span.then)


def _add_one(known: Constants, span: Span) -> None:
    if span.elapsed is not None:
        known.hours.add(span.elapsed.total_seconds() / 3600)
    elif span.business_days is not None:
        known.business_days.add(span.business_days)
    elif span.months:
        known.months.add(span.months)
    else:
        known.hours.add(24 * (span.days + 7 * (span.weeks or 0)))
    if span.at is not None:
        known.clocks.add(60 * span.at.hour + span.at.minute)


def _add_part(known: Constants, value: str) -> None:
    part = read_part(value)
    percent = 100 * part.numerator / part.denominator
    known.percents |= {round(percent, 4), round(100 - percent, 4)}


def _add_sum(known: Constants, value: str) -> None:
    found = read_sum(value)
    known.sums.add((found.minor / 10 ** decimals(found.currency), found.currency))


def _has(known: Constants, said: Quantity) -> bool:
    """Whether a rule has this number, in whatever unit it says so."""
    value, unit = said.value, said.unit
    if unit == "clock":
        return value in known.clocks or value in (0, 24 * 60)
    if value in known.plain:
        return True
    if unit == "%":
        return value in (0, 100) or value in known.percents
    if unit in _HOURS:
        hours = value * _HOURS[unit]
        return hours in known.hours or (unit == "days" and value in known.business_days)
    if unit in _MONTHS:
        return value * _MONTHS[unit] in known.months or _in_days(known, value * _MONTHS[unit])
    if unit == "business days":
        return value in known.business_days or 24 * value in known.hours
    return _is_sum(known, value, unit)


def _in_days(known: Constants, months: float) -> bool:
    return any(24 * days in known.hours for days in (30 * months, 31 * months, 365 * months / 12))


def _is_sum(known: Constants, value: float, currency: str) -> bool:
    """A dollar may be of any country, a setting in the smallest unit."""
    codes = (currency, *_DOLLARS) if currency == "USD" else (currency,)
    return any((value, code) in known.sums for code in codes) or 100 * value in known.plain


def _unsaid(document: Document, said: set[float]) -> Iterator[PolicyFinding]:
    """Constants of rules that the wording lacks, in any unit in which it might say them."""
    for atom in all_atoms(document):
        for value in atom.value if isinstance(atom.value, (list, tuple)) else (atom.value,):
            figures = _of_span(value) | _of_amount(value)
            if figures and not figures & said:
                yield _unsaid_at(atom.place, value)
    for placed in charges(document):
        for place, text in amounts.figures(placed):
            figures = _of_amount(text)
            if figures and not figures & said:
                yield _unsaid_at(place, text)


def _unsaid_at(place: str, value: Any) -> PolicyFinding:
    text = f"the rule says {value}, and the wording doesn't. Mend the one that is wrong"
    return warning("only_in_rules", place, text)


def _of_span(value: Any) -> set[float]:
    try:
        span = read_notice(value)
    except ValueError:
        return set()
    return {figure for part in _parts(span) for figure in _figures(part)}


def _figures(span: Span) -> set[float]:
    if span.elapsed is not None:
        hours = span.elapsed.total_seconds() / 3600
        return {60 * hours, hours, hours / 24, hours / 168}
    if span.business_days is not None:
        return {float(span.business_days)}
    if span.months:
        return {float(span.months), span.months / 12}
    days = span.days + 7 * (span.weeks or 0)
    return {float(days), days / 7, 24.0 * days}


def _of_amount(value: Any) -> set[float]:
    """Nothing and everything go without saying."""
    try:
        part = read_part(value) if isinstance(value, str) else None
    except ValueError:
        try:
            found = read_sum(value)
        except ValueError:
            return set()
        return {found.minor / 10 ** decimals(found.currency)}
    if part is None or part.numerator in (0, part.denominator):
        return set()
    percent = 100 * part.numerator / part.denominator
    return {round(percent, 4), round(100 - percent, 4)}
