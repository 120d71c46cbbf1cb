"""The parsed form of an expression, read from what the CEL library serializes.

The library offers no tree of its own, so its protobuf bytes are read here. Field numbers are those
of the message ParsedExpr in cel/expr/syntax.proto.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import NamedTuple


class Kind(StrEnum):
    CONSTANT = auto()
    NAME = auto()
    SELECT = auto()
    HAS = auto()
    CALL = auto()
    LIST = auto()
    MAP = auto()
    MESSAGE = auto()
    LOOP = auto()


@dataclass(frozen=True, slots=True)
class Node:
    """One node. `name` is what it names: a value, field, function, or a loop's own variable.

    Children of a call begin with its target if it has one, those of a loop are its range, first
    result, condition, step and result.
    """

    id: int
    kind: Kind
    name: str = ""
    constant: object = None
    children: tuple["Node", ...] = ()


class Tree(NamedTuple):
    root: Node
    offsets: dict[int, int]
    """Where nodes stand in the text, by id."""


class _Field(NamedTuple):
    number: int
    start: int
    end: int
    value: int


_KINDS = {
    3: Kind.CONSTANT,
    4: Kind.NAME,
    5: Kind.SELECT,
    6: Kind.CALL,
    7: Kind.LIST,
    8: Kind.MAP,
    9: Kind.LOOP,
}
_NAME_FIELD = {Kind.NAME: 1, Kind.SELECT: 2, Kind.CALL: 2, Kind.MAP: 1, Kind.LOOP: 1}
_CHILD_FIELDS = {
    Kind.SELECT: (1,),
    Kind.CALL: (1, 3),
    Kind.LIST: (1,),
    Kind.LOOP: (2, 4, 5, 6, 7),
}


def read(raw: bytes) -> Tree:
    """Read what the library serializes of an expression that isn't checked."""
    wrapped = next(field for field in _fields(raw, 0, len(raw)) if field.number == 2)
    root, source = (field for field in _fields(raw, wrapped.start, wrapped.end) if field.number < 4)
    entries = (field for field in _fields(raw, source.start, source.end) if field.number == 4)
    return Tree(_node(raw, root), dict(_pair(raw, entry) for entry in entries))


def walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from walk(child)


def path_of(node: Node) -> str:
    """Return the dotted name that a chain of selections spells, or nothing."""
    if node.kind is Kind.NAME:
        return node.name
    if node.kind in (Kind.SELECT, Kind.HAS) and (before := path_of(node.children[0])):
        return f"{before}.{node.name}"
    return ""


def _node(raw: bytes, outer: _Field) -> Node:
    number, body = 0, None
    for field in _fields(raw, outer.start, outer.end):
        if field.number == 2:
            number = field.value
        elif field.number in _KINDS:
            body = field
    if body is None:
        return Node(number, Kind.CONSTANT)
    kind = _KINDS[body.number]
    fields = list(_fields(raw, body.start, body.end))
    if kind is Kind.CONSTANT:
        return Node(number, kind, constant=_constant(raw, fields))
    named = next((field for field in fields if field.number == _NAME_FIELD.get(kind)), None)
    name = raw[named.start : named.end].decode() if named else ""
    children = tuple(_node(raw, child) for child in _children(raw, kind, fields))
    if kind is Kind.SELECT and any(field.number == 3 and field.value for field in fields):
        kind = Kind.HAS
    if kind is Kind.MAP and name:
        kind = Kind.MESSAGE
    return Node(number, kind, name, children=children)


def _children(raw: bytes, kind: Kind, fields: list[_Field]) -> Iterator[_Field]:
    if kind is Kind.MAP:
        for entry in (field for field in fields if field.number == 2):
            yield from (
                part for part in _fields(raw, entry.start, entry.end) if part.number in (3, 4)
            )
        return
    for wanted in _CHILD_FIELDS.get(kind, ()):
        yield from (field for field in fields if field.number == wanted)


def _constant(raw: bytes, fields: list[_Field]) -> object:
    """Bytes for what the language doesn't have: unsigned numbers and bytes."""
    if not fields:
        return None
    field = fields[0]
    text = raw[field.start : field.end]
    match field.number:
        case 2:
            return bool(field.value)
        case 3:
            return field.value - (1 << 64) if field.value >> 63 else field.value
        case 5:
            return float(struct.unpack("<d", text)[0])
        case 6:
            return text.decode()
        case 4 | 7:
            return text
    return None


def _pair(raw: bytes, entry: _Field) -> tuple[int, int]:
    parts = {field.number: field.value for field in _fields(raw, entry.start, entry.end)}
    return parts.get(1, 0), parts.get(2, 0)


def _fields(raw: bytes, start: int, end: int) -> Iterator[_Field]:
    while start < end:
        key, start = _varint(raw, start)
        value, stop = 0, start + 8
        if key & 7 == 0:
            value, stop = _varint(raw, start)
        elif key & 7 == 2:
            size, start = _varint(raw, start)
            stop = start + size
        yield _Field(key >> 3, start, stop, value)
        start = stop


def _varint(raw: bytes, start: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[start]
        value |= (byte & 127) << shift
        start, shift = start + 1, shift + 7
        if byte < 128:
            return value, start
