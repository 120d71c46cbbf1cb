"""Reading what the SDK sends: form fields with brackets, checked before anything is done."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

from sandbox.refusals import invalid

Kind = Callable[[str, Any], Any]
"""Reads one parameter, given its name and what was sent. Raises Refused."""


def decode(query: str) -> dict[str, Any]:
    """`a[b]=1` becomes {"a": {"b": "1"}}; a list is a mapping from its indices."""
    fields: dict[str, Any] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        first, *rest = name.replace("]", "").split("[")
        *path, last = [first, *rest]
        place = fields
        for step in path:
            place = place.setdefault(step, {})
            if not isinstance(place, dict):
                raise invalid(f"Invalid object: {name}", name)
        place[last or str(len(place))] = value
    return fields


def read(fields: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Read each field by its kind. One that has none is refused."""
    for name in fields:
        if name not in kinds:
            raise invalid(f"Received unknown parameter: {name}", name, "parameter_unknown")
    return {name: kinds[name](name, value) for name, value in fields.items()}


def need(params: Mapping[str, Any], *names: str) -> None:
    for name in names:
        if name not in params:
            raise invalid(f"Missing required param: {name}.", name, "parameter_missing")


def text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise invalid(f"Invalid string: {name}", name)
    return value


def amount(name: str, value: Any) -> int:
    """A count of the currency's smallest unit, at least one."""
    number = integer(name, value)
    if number < 1:
        raise invalid(
            "This value must be greater than or equal to 1.", name, "parameter_invalid_integer"
        )
    if number > _LARGEST:
        raise invalid("Amount must be no more than 99999999999.", name, "amount_too_large")
    return number


_LARGEST = 99_999_999_999


def integer(name: str, value: Any) -> int:
    try:
        return int(text(name, value))
    except ValueError:
        raise invalid(f"Invalid integer: {value}", name, "parameter_invalid_integer") from None


def limit(name: str, value: Any) -> int:
    number = integer(name, value)
    if not 1 <= number <= 100:
        raise invalid("A limit lies between 1 and 100.", name, "parameter_invalid_integer")
    return number


def flag(name: str, value: Any) -> bool:
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value}", name)
    return bool(value == "true")


def currency(name: str, value: Any) -> str:
    """Kept in capitals, told in small letters."""
    if len(text(name, value)) != 3 or not value.isascii() or not value.isalpha():
        raise invalid(f"Invalid currency: {value}", name)
    return str(value.upper())


def one_of(*allowed: str) -> Kind:
    def read_choice(name: str, value: Any) -> str:
        if value not in allowed:
            raise invalid(f"Invalid {name}: must be one of {', '.join(allowed)}", name)
        return str(value)

    return read_choice


def mapping(name: str, value: Any) -> dict[str, str]:
    """Words by name; an empty string instead of all of them says: none."""
    if value == "":
        return {}
    if not isinstance(value, dict):
        raise invalid(f"Invalid object: {name}", name)
    return {key: text(f"{name}[{key}]", one) for key, one in value.items()}


def words(name: str, value: Any) -> list[str]:
    if not isinstance(value, dict):
        raise invalid(f"Invalid array: {name}", name)
    return [text(name, one) for one in value.values()]


def nested(**kinds: Kind) -> Kind:
    def read_nested(name: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise invalid(f"Invalid object: {name}", name)
        return read(value, kinds)

    return read_nested


def span(name: str, value: Any) -> tuple[datetime | None, datetime | None]:
    """A span of whole seconds, as instants: from (included) and until (not included)."""
    if not isinstance(value, dict):
        return _moment(name, value), _moment(name, value, 1)
    since, until = None, None
    for bound, one in value.items():
        match bound:
            case "gte":
                since = _moment(name, one)
            case "gt":
                since = _moment(name, one, 1)
            case "lt":
                until = _moment(name, one)
            case "lte":
                until = _moment(name, one, 1)
            case _:
                raise invalid(f"Received unknown parameter: {name}[{bound}]", name)
    return since, until


def _moment(name: str, value: Any, later: int = 0) -> datetime:
    try:
        return datetime.fromtimestamp(integer(name, value), UTC) + timedelta(seconds=later)
    except (ValueError, OverflowError, OSError):
        raise invalid(f"Invalid timestamp: {value}", name) from None
