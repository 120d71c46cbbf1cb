"""What differs between two policies, as lines to read."""

import textwrap
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from domain.decisions import Decision
from domain.policy.examples.comparing import Comparison, Difference
from domain.policy.examples.examples import Example
from notifications.policies import differences as told
from notifications.policies.phrases import load
from runtime.telling import words

_WIDTH = 79
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


def lines(found: Iterable[told.Difference], comparison: Comparison) -> Iterator[str]:
    section = ""
    for each in found:
        if each.section != section:
            section = each.section
            yield from ("", _title(section)) if section != "title" else ()
        yield from _difference(each)
    yield ""
    yield _counted(comparison)
    for number, different in enumerate(comparison.shown, 1):
        yield from _example(number, different)


def _title(section: str) -> str:
    return str(load("en")["sections"][section])


def _difference(each: told.Difference) -> Iterator[str]:
    old, new = each.old, each.new
    if each.way is told.Way.MOVED and old and new:
        yield f"  moved    {old.rule} is now {new.rule}"
        yield from _wrapped("           ", told.flat(new))
        return
    one = new or old
    assert one is not None
    name = one.rule or one.place
    if old and new:
        there = f"{old.rule} is now {new.rule}" if old.rule != new.rule else name
        yield f"  changed  {there}".rstrip()
        yield from _wrapped("    was  ", told.flat(old))
        yield from _wrapped("    now  ", told.flat(new))
    else:
        yield f"  {each.way.value:<7}  {name}".rstrip()
        yield from _wrapped("         ", told.flat(one))


def _wrapped(first: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        text, _WIDTH, initial_indent=first, subsequent_indent=" " * len(first),
        break_on_hyphens=False,
    )  # fmt: skip


def _counted(comparison: Comparison) -> str:
    if not comparison.differing:
        return f"Situations: all {comparison.tried:,} tried are answered the same."
    return (
        f"Situations: {comparison.differing:,} of {comparison.tried:,} tried are answered "
        "differently. For example:"
    )


def _example(number: int, different: Difference) -> Iterator[str]:
    yield ""
    yield from _wrapped(f"  {number}. ", ", ".join(situation(different.example)))
    yield from _wrapped("     was  ", answer(different.old))
    yield from _wrapped("     now  ", answer(different.new))


def situation(example: Example) -> Iterator[str]:
    """When it is asked, and every value that a policy asks about."""
    facts, request = example.facts, example.request
    assert request.requested_at is not None
    if isinstance(facts.starts_at, datetime):
        yield f"{_apart(facts.starts_at, request.requested_at)} the start"
    if facts.placed_at is not None:
        yield f"{_apart(facts.placed_at, request.requested_at)} the order"
    yield f"price {words.money(sum(line.total_minor for line in facts.lines), facts.currency)}"
    for name, value in example.chosen.items():
        if value is not None and name not in ("price", "lead_time"):
            label = name.replace("line.", "item ").replace("_minor", "").replace("_", " ")
            yield f"{label.removeprefix('attributes.')} {_plain(value)}"


def answer(decision: Decision) -> str:
    """The outcome, its amounts and the rule."""
    outcome = decision.outcome.value.replace("_", " ")
    if decision.is_declined:
        return f"{outcome} ({', '.join(one.code for one in decision.codes)}), by {decision.rule}"
    back, fee, due = (
        words.money(minor, decision.currency)
        for minor in (decision.refund_minor, decision.fee_minor, decision.due_minor)
    )
    more = f", {due} to be paid" if decision.due_minor else ""
    return f"{outcome}: {back} back, fee {fee}{more}, by {decision.rule}"


def _apart(moment: datetime, at: datetime) -> str:
    if at == moment:
        return "exactly at"
    return f"{_length(abs(moment - at))} {'before' if at < moment else 'after'}"


def _length(time: timedelta) -> str:
    left, parts = int(time.total_seconds()), []
    for size, unit in _UNITS:
        count, left = divmod(left, size)
        if count:
            parts.append(f"{count} {unit}")
    return " ".join(parts)


def _plain(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def as_json(found: Iterable[told.Difference], comparison: Comparison) -> dict[str, Any]:
    return {
        "differences": [each.model_dump(mode="json") for each in found],
        "situations": {
            "tried": comparison.tried,
            "differing": comparison.differing,
            "examples": [_json(each) for each in comparison.shown],
        },
    }


def _json(different: Difference) -> dict[str, Any]:
    example = different.example
    return {
        "in_words": ", ".join(situation(example)),
        "facts": example.facts.model_dump(mode="json"),
        "request": example.request.model_dump(mode="json"),
        "old": different.old.model_dump(mode="json"),
        "new": different.new.model_dump(mode="json"),
    }
