"""What pydantic finds wrong with a document, as places in it and words."""

from collections.abc import Iterator

from pydantic import ValidationError

from domain.policy.reading.problem_words import Place, words_of

_PLAIN = ("str", "str-enum")
_STRUCTURED = ("function-after", "Steps")


def problems_of(error: ValidationError) -> list[tuple[str, str]]:
    """Each place with what is wrong there. Where text or a table may stand, only what the author
    meant is told of."""
    faults = error.errors(include_url=False, include_context=False)
    places = {fault["loc"][:-1] for fault in faults}
    tables = {table for fault in faults for table in _tables(fault["loc"])}
    not_tables = {fault["loc"][:-1] for fault in faults if fault["type"] == "model_type"}
    return [
        (_place(fault["loc"]), words_of(fault))
        for fault in faults
        if not _is_aside(fault["loc"], fault["type"], tables, not_tables)
        and not (fault["type"] == "too_short" and fault["loc"] in places)
    ]


def _tables(loc: Place) -> Iterator[Place]:
    for place, part in enumerate(loc):
        if _is_tag(part, _STRUCTURED):
            yield loc[:place]


def _is_aside(loc: Place, kind: str, tables: set[Place], not_tables: set[Place]) -> bool:
    """Whether it is about the alternative that wasn't meant."""
    parent = loc[:-1]
    if not loc or parent not in tables:
        return False
    if _is_tag(loc[-1], _PLAIN):
        return parent not in not_tables
    return kind == "model_type" and _is_tag(loc[-1], _STRUCTURED)


def _is_tag(part: int | str, tags: tuple[str, ...]) -> bool:
    """Whether this is no place but the name of one of several shapes that fit there."""
    return isinstance(part, str) and part.partition("[")[0] in tags


def _place(loc: Place) -> str:
    place = ""
    for at, part in enumerate(loc):
        if isinstance(part, int):
            place += f"[{part}]"
        elif part != "[key]" and not (at and _is_tag(part, (*_PLAIN, *_STRUCTURED))):
            place += f".{part}"
    return place.lstrip(".") or "document"
