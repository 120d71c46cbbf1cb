"""What goes into an expression, and what may come out of it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from domain.policy.cel.cost import Extent, text_extent

LARGEST = Extent(size=20_000, longest=5_000)
"""All values that one expression reads, together."""

_DEPTH = 8
_EXACT = 2**53
_NOISE = 1e-6
"""4500 * 0.07 is 315.00000000000006 in doubles, and 315 is meant."""


class VariableType(StrEnum):
    """What a variable holds. A number may be whole or not; LIST and ANY hold what JSON can."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    INSTANT = "instant"
    LIST = "list"
    ANY = "any"


class ResultType(StrEnum):
    """What an expression must give. An amount is a whole number of minor units, not negative."""

    BOOLEAN = "boolean"
    AMOUNT = "amount"
    NUMBER = "number"


class ExpressionFailed(Exception):
    """No answer could be worked out. `missing` names the variable that had no value."""

    def __init__(self, message: str, missing: str | None = None) -> None:
        super().__init__(message)
        self.missing = missing


def take(value: object, kind: VariableType) -> tuple[object, Extent]:
    """Return what the library is given for a value, and how large it is."""
    match kind, value:
        case VariableType.NUMBER, int() | float() | Decimal() | Fraction() if not _is_bool(value):
            return float(_number(value)), Extent()
        case VariableType.INSTANT, datetime() if value.tzinfo is not None:
            return value, Extent()
        case (
            (VariableType.TEXT, str())
            | (VariableType.BOOLEAN, bool())
            | (VariableType.LIST, list() | tuple())
            | (VariableType.ANY, _)
        ):
            return _plain(value, 0)
    raise ExpressionFailed(f"it isn't of the kind '{kind}'")


def give(value: object, result: ResultType) -> bool | int | float:
    if result is ResultType.BOOLEAN and isinstance(value, bool):
        return value
    if (
        result is ResultType.BOOLEAN
        or isinstance(value, bool)
        or not isinstance(value, int | float)
    ):
        raise ExpressionFailed(f"the result isn't of the kind '{result}'")
    number = _number(value)
    if result is ResultType.NUMBER:
        return number
    whole = round(number)
    if whole < 0 or abs(number - whole) > _NOISE:
        raise ExpressionFailed("the result isn't a whole amount of at least 0")
    return whole


def _is_bool(value: object) -> bool:
    return isinstance(value, bool)


def _plain(value: object, depth: int) -> tuple[object, Extent]:
    if depth > _DEPTH:
        raise ExpressionFailed("it is nested too deeply")
    match value:
        case None | bool():
            return value, Extent()
        case int() | float() | Decimal() | Fraction():
            return float(_number(value)), Extent()
        case str():
            return _text(value)
        case list() | tuple():
            return _several(value, depth)
        case Mapping():
            values, extent = _several(value.values(), depth)
            return dict(zip(map(_key, value), values, strict=True)), extent
    raise ExpressionFailed("it holds what expressions don't know")


def _several(members: Iterable[object], depth: int) -> tuple[list[object], Extent]:
    values: list[object] = []
    size, longest = 1, 0
    for member in members:
        value, extent = _plain(member, depth + 1)
        values.append(value)
        size, longest = size + extent.size, max(longest, extent.longest)
        if size > LARGEST.size:
            raise ExpressionFailed("it is too large")
    return values, Extent(size, max(longest, len(values)))


def _number(value: float | Decimal | Fraction) -> int | float:
    try:
        number = value if isinstance(value, int) else float(value)
    except (OverflowError, ValueError):
        raise ExpressionFailed("a number is too large, or none") from None
    if not abs(number) <= _EXACT:
        raise ExpressionFailed("a number is too large, or none")
    return number


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise ExpressionFailed("it holds a key that isn't text")
    return str(_text(key)[0])


def _text(text: str) -> tuple[str, Extent]:
    plain = str(text)
    try:
        plain.encode()
    except UnicodeEncodeError:
        raise ExpressionFailed("it holds half a letter") from None
    return plain, text_extent(plain)
