"""A policy in words, free of how it is shown."""

from domain.values import Value


class Told(Value):
    """A sentence, with the charges it is made of or its table. `rule` is what decisions call it,
    `place` where it stands in the document."""

    text: str
    rule: str = ""
    place: str = ""
    parts: tuple["Told", ...] = ()
    table: tuple[tuple[str, ...], ...] = ()


class Section(Value):
    key: str
    title: str
    told: tuple[Told, ...]


class PolicyWords(Value):
    id: str
    title: str
    language: str
    sections: tuple[Section, ...]
