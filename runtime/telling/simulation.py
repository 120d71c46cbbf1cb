"""What a policy would have given back and kept"""

from collections import Counter
from collections.abc import Iterable, Iterator

from domain.decisions import Outcome
from domain.policy.tally import RuleKey, Side, Sums, Tally, total
from runtime.policies.simulation import Simulated
from runtime.telling import words

_BAR = 15
_RULE = 24
_OUTCOMES = {
    Outcome.ALLOWED: "allowed",
    Outcome.NEEDS_APPROVAL: "await a yes",
    Outcome.DECLINED: "declined",
    Outcome.HAND_OVER: "for a person",
}
_DIRECTIONS = {1: "more", 0: "as much", -1: "less"}


def lines(found: Simulated, name: str, present: str | None) -> Iterator[str]:
    yield f"{found.cancellations:,} cancellations under {name}{_rest(found)}"
    for row, fault in found.faults:
        yield f"  row {row}: {fault}"
    for currency in found.tally.currencies:
        yield ""
        yield from _overview(found.tally, currency, name, present)
        yield ""
        yield from _by_rule(found.tally.of(Side.NEW, currency), currency)
        if present:
            yield ""
            yield from _changes(found.tally, currency)


def _rest(found: Simulated) -> str:
    rest = [
        (found.went_ahead, "went ahead"),
        (found.other_kind, "of a kind it doesn't serve"),
        (found.unreadable, "can't be read"),
    ]
    told = ", ".join(f"{count:,} {word}" for count, word in rest if count)
    return f" ({told})" if told else ""


def _overview(tally: Tally, currency: str, name: str, present: str | None) -> Iterator[str]:
    sides = [(Side.NEW, name)] + ([(Side.PRESENT, f"{present} now")] if present else [])
    rules = [tally.of(side, currency) for side, _ in sides]
    sums = [total(each.values()) for each in rules]
    rows = [["", *(title for _, title in sides)]]
    for outcome, word in _OUTCOMES.items():
        counts = [_count(each, outcome) for each in rules]
        if any(counts):
            rows.append([word, *(_share(n, s.count) for n, s in zip(counts, sums, strict=True))])
    for word, field in (
        ("paid", "paid"),
        ("refunded", "refunded"),
        ("kept", "kept"),
        ("for a person to decide", "open"),
        ("to be collected on top", "due"),
    ):
        amounts = [getattr(each, field) for each in sums]
        if any(amounts) or field in ("refunded", "kept"):
            cells = zip(amounts, sums, strict=True)
            rows.append([word, *(_amount(n, s.paid, currency) for n, s in cells)])
    yield from _aligned(rows)


def _by_rule(rules: dict[RuleKey, Sums], currency: str) -> Iterator[str]:
    """How often each rule decided, as a bar, and what it kept of what was paid."""
    every, most = total(rules.values()).count, max(sums.count for sums in rules.values())
    yield f"{'decided by':{_RULE}}  {'':{_BAR}}  {'count':>9}  {'share':>7}  {'kept':>14}"
    for key, sums in rules.items():
        label = f"{key.rule} {key.code}" if key.code != key.rule else key.rule
        bar = "█" * max(1, round(_BAR * sums.count / most))
        kept = "open" if key.outcome is Outcome.HAND_OVER else words.money(sums.kept, currency)
        cut = label if len(label) <= _RULE else label[: _RULE - 1] + "…"
        share = _percent(sums.count, every)
        yield f"{cut:{_RULE}}  {bar:{_BAR}}  {sums.count:>9,}  {share}  {kept:>14}"


def _changes(tally: Tally, currency: str) -> Iterator[str]:
    mine = {key: counts for key, counts in tally.changes.items() if key.currency == currency}
    rows = []
    for direction, word in _DIRECTIONS.items():
        counts = _added(counts for key, counts in mine.items() if key.direction == direction)
        if counts["count"]:
            sign = "-" if counts["refunded"] < 0 else ""
            amount = f"{sign}{words.money(abs(counts['refunded']), currency)}" if direction else ""
            rows.append([f"get back {word}", f"{counts['count']:,}", amount])
    moved: Counter[tuple[Outcome, Outcome]] = Counter()
    for key, counts in mine.items():
        if key.before is not key.after:
            moved[key.before, key.after] += counts["count"]
    for (before, after), count in moved.most_common():
        rows.append([f"{_OUTCOMES[before]} → {_OUTCOMES[after]}", f"{count:,}", ""])
    yield "against the present policy"
    yield from _aligned(rows)


def _added(counts: Iterable[Counter[str]]) -> Counter[str]:
    result: Counter[str] = Counter()
    for each in counts:
        result.update(each)
    return result


def _count(rules: dict[RuleKey, Sums], outcome: Outcome) -> int:
    return sum(sums.count for key, sums in rules.items() if key.outcome is outcome)


def _share(part: int, whole: int) -> str:
    return f"{part:,} {_percent(part, whole)}"


def _amount(minor: int, whole: int, currency: str) -> str:
    return f"{words.money(minor, currency)} {_percent(minor, whole)}"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:5.1f} %" if whole else "      -"


def _aligned(rows: list[list[str]]) -> Iterator[str]:
    """The first column to the left, the others to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for first, *rest in rows:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        yield f"  {'  '.join([first.ljust(widths[0]), *cells])}".rstrip()
