"""What differs between two policies, sentence by sentence."""

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from enum import StrEnum

from domain.policy.policy import Policy
from domain.values import Value
from notifications.policies.words import Section, Told
from notifications.policies.writer import in_words

_ALIKE = 0.6
"""From here on two rules are one that was changed, not two."""


class Way(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"
    CHANGED = "changed"


class Difference(Value):
    """One sentence: `old` is missing where it was added, `new` where it was removed."""

    section: str
    way: Way
    old: Told | None = None
    new: Told | None = None


def differences(old: Policy, new: Policy, language: str = "en") -> tuple[Difference, ...]:
    """Rules are compared as they are written; everything else by what it says."""
    before, after = (in_words(policy, language) for policy in (old, new))
    found: list[Difference] = []
    if old.title != new.title:
        told = (Told(text=policy.title, place="title") for policy in (old, new))
        found.append(_pair("title", Way.CHANGED, *told))
    sections = {section.key: section.title for each in (before, after) for section in each.sections}
    for key in sections:
        a, b = (_told(each.sections, key) for each in (before, after))
        if key == "rules":
            found += _rules(_written(old, a), _written(new, b))
        else:
            found += _sentences(key, a, b)
    return tuple(found)


def flat(told: Told) -> str:
    """A sentence with its parts and its table, in one text."""
    rows = ("; ".join(": ".join(filter(None, row)) for row in told.table),) if told.table else ()
    return " / ".join((told.text, *rows, *(flat(part) for part in told.parts)))


def _told(sections: tuple[Section, ...], key: str) -> tuple[Told, ...]:
    return next((section.told for section in sections if section.key == key), ())


def _pair(section: str, way: Way, old: Told | None, new: Told | None) -> Difference:
    return Difference(section=section, way=way, old=old, new=new)


_Rule = tuple[str, Told]


def _written(policy: Policy, told: tuple[Told, ...]) -> list[_Rule]:
    rules = policy.document.rules
    written = (rule.model_dump_json(exclude_defaults=True, by_alias=True) for rule in rules)
    return list(zip(written, told, strict=True))


def _rules(old: list[_Rule], new: list[_Rule]) -> Iterator[Difference]:
    """Rules that stand in the same order say nothing; others moved, or are paired by likeness."""
    matcher = SequenceMatcher(None, [a for a, _ in old], [b for b, _ in new], autojunk=False)
    gone, come = list(old), list(new)
    for block in matcher.get_matching_blocks():
        for n in range(block.size):
            gone.remove(old[block.a + n])
            come.remove(new[block.b + n])
    for a in list(gone):
        same = next((b for b in come if b[0] == a[0]), None)
        if same:
            gone.remove(a)
            come.remove(same)
            yield _pair("rules", Way.MOVED, a[1], same[1])
    for a, b in _likely(gone, come):
        gone.remove(a)
        come.remove(b)
        yield _pair("rules", Way.CHANGED, a[1], b[1])
    yield from (_pair("rules", Way.REMOVED, a[1], None) for a in gone)
    yield from (_pair("rules", Way.ADDED, None, b[1]) for b in come)


def _likely(gone: list[_Rule], come: list[_Rule]) -> list[tuple[_Rule, _Rule]]:
    """Rules that are one that was changed, the most alike first; a name makes them so."""
    pairs = [(_likeness(a, b), n, m) for n, a in enumerate(gone) for m, b in enumerate(come)]
    used_a: set[int] = set()
    used_b: set[int] = set()
    found = []
    for likeness, n, m in sorted(pairs, key=lambda pair: -pair[0]):
        if likeness >= _ALIKE and n not in used_a and m not in used_b:
            used_a.add(n)
            used_b.add(m)
            found.append((gone[n], come[m]))
    return sorted(found, key=lambda pair: gone.index(pair[0]))


def _likeness(a: _Rule, b: _Rule) -> float:
    names = [json.loads(written).get("name") for written, _ in (a, b)]
    if names[0] and names[1]:
        return 2.0 if names[0] == names[1] else 0.0
    return SequenceMatcher(None, flat(a[1]), flat(b[1]), autojunk=False).ratio()


def _sentences(key: str, old: tuple[Told, ...], new: tuple[Told, ...]) -> Iterator[Difference]:
    """By their place in the document; those that have none are the same or another."""
    before, after = ({each.place or each.text: each for each in several} for several in (old, new))
    for place in dict.fromkeys([*before, *after]):
        a, b = before.get(place), after.get(place)
        if a is None or b is None:
            yield _pair(key, Way.ADDED if a is None else Way.REMOVED, a, b)
        elif flat(a) != flat(b):
            yield _pair(key, Way.CHANGED, a, b)
