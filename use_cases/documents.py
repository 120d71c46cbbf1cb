"""Reading a policy's text: YAML, of which JSON is a part."""

import re
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
