"""Reading a policy's text: YAML, of which JSON is a part."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from domain.errors import PolicyInvalid

LONGEST = 256_000
"""Characters."""

_MOST_NODES = 20_000
WHOLE = "document"


class _Loader(yaml.SafeLoader):
    """Plain words mean what JSON says: `on` and `no` are text, and so are 18:00 and a day."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9_]*)", list("-+0123456789")),
    ("float", r"[-+]?(0|[1-9][0-9_]*)\.[0-9]+", list("-+0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first
    )


def read_document(text: str) -> dict[str, Any]:
    """Read one mapping. Raises PolicyInvalid, which names the line and column of what is wrong."""
    if len(text) > LONGEST:
        raise wrong(WHOLE, f"has more than {LONGEST} characters")
    try:
        document = _read(text)
    except yaml.MarkedYAMLError as error:
        raise _marked(error) from None
    except yaml.reader.ReaderError as error:
        raise wrong(f"character {error.position}", str(error.reason)) from None
    except RecursionError:
        raise wrong(WHOLE, "is nested too deep") from None
    except ValueError as error:
        raise wrong(WHOLE, str(error)) from None
    if not isinstance(document, dict):
        raise wrong(WHOLE, "must be a mapping of names to values")
    return document


def positions(text: str) -> dict[str, tuple[int, int]]:
    """Line and column, from 1, of each place of a document, such as `rules[3].when.notice.under`.

    What an alias stands for is placed where it is written out. Raises PolicyInvalid as
    `read_document` does.
    """
    read_document(text)
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
    finally:
        loader.dispose()
    assert node is not None
    return {WHOLE: _from_one(node), **dict(_positions(node, ""))}


def nearest(place: str, known: Mapping[str, tuple[int, int]]) -> tuple[int, int] | None:
    """The position of a place, else of the part of the document around it."""
    while place and place not in known:
        place = place[: max(place.rfind("."), place.rfind("["), 0)]
    return known.get(place or WHOLE)


def wrong(place: str, problem: str) -> PolicyInvalid:
    return PolicyInvalid(f"{place}: {problem}", [(place, problem)])


def _read(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        _weigh(node, {})
        return loader.construct_document(node)
    finally:
        loader.dispose()


def _positions(node: yaml.Node, place: str) -> Iterator[tuple[str, tuple[int, int]]]:
    if isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            inner = f"{place}.{name.value}" if place else str(name.value)
            yield inner, _from_one(name)
            yield from _positions(value, inner)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield f"{place}[{number}]", _from_one(value)
            yield from _positions(value, f"{place}[{number}]")


def _from_one(node: yaml.Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _weigh(node: yaml.Node, known: dict[int, int]) -> int:
    """How many nodes it has once its aliases are written out; refuses too many, endless ones and
    names given twice."""
    if id(node) in known:
        return known[id(node)] or _refuse(node, "contains itself")
    known[id(node)] = 0
    parts: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        _check_names(node)
        parts = [part for pair in node.value for part in pair]
    elif isinstance(node, yaml.SequenceNode):
        parts = node.value
    weight = 1 + sum(_weigh(part, known) for part in parts)
    if weight > _MOST_NODES:
        _refuse(node, f"has more than {_MOST_NODES} values")
    known[id(node)] = weight
    return weight


def _check_names(node: yaml.MappingNode) -> None:
    names: set[Any] = set()
    for name, _ in node.value:
        if isinstance(name, yaml.ScalarNode):
            if name.value in names:
                _refuse(name, f"{name.value!r} is there twice")
            names.add(name.value)


def _refuse(node: yaml.Node, problem: str) -> int:
    raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def _marked(error: yaml.MarkedYAMLError) -> PolicyInvalid:
    mark = error.problem_mark or error.context_mark
    place = f"line {mark.line + 1}, column {mark.column + 1}" if mark else WHOLE
    return wrong(place, error.problem or error.context or "can't be read")
