"""A policy in words, as lines to read."""

import textwrap
from collections.abc import Iterator

from notifications.policies.words import PolicyWords, Section, Told
from runtime.telling import words

WIDTH = 79
_WIDEST_NAME = 28


def lines(policy: PolicyWords) -> Iterator[str]:
    yield from textwrap.wrap(f"{policy.title} ({policy.id})", WIDTH)
    for section in policy.sections:
        yield ""
        yield section.title
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    """Sentences; where rules are named, their names stand in a column before them."""
    widths = [len(told.rule) for told in section.told if len(told.rule) <= _WIDEST_NAME]
    margin = 2 + max(widths, default=0) + (2 if any(widths) else 0)
    for told in section.told:
        if len(told.rule) > _WIDEST_NAME:
            yield f"  {told.rule}"
        name = told.rule if len(told.rule) <= _WIDEST_NAME else ""
        yield from _told(told, f"  {name}".ljust(margin), margin)


def _told(told: Told, first: str, margin: int) -> Iterator[str]:
    rest = " " * margin
    yield from textwrap.wrap(
        told.text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False
    )
    for row in words.table(told.table) if told.table else ():
        yield f"{rest}{row}"
    for part in told.parts:
        yield from _told(part, f"{rest}- ", margin + 2)
