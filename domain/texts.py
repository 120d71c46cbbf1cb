"""Text, zones, instants and JSON from outside, limited to what everything behind can carry."""

import math
import unicodedata
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, BeforeValidator, Field

_EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
_LATEST = datetime(3000, 1, 1, tzinfo=UTC)
_DEPTH = 8

JSON_TYPE = "application/json"
YAML_TYPE = "application/yaml"


def without_prefix(message: str) -> str:
    """What a validator of ours said, without the kind of error that pydantic puts before it."""
    return message.removeprefix("Value error, ")


def _plain(text: str) -> str:
    """Refuse what a database, a mail header or a terminal can't carry: control characters."""
    if any(unicodedata.category(char) in ("Cc", "Cs") for char in text):
        raise ValueError("must not contain control characters")
    return text


@lru_cache(maxsize=1024)
def known_zone(name: str) -> str:
    """Refuse, with a ValueError, what is no zone on this machine."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError("is no time zone of the IANA database") from None
    return name


def _bounded(instant: datetime) -> datetime:
    if not _EARLIEST <= instant < _LATEST:
        raise ValueError("must lie between the years 1900 and 3000")
    return instant.astimezone(UTC)


def _moment(value: object) -> object:
    """Read ten characters as a day and more as an instant, which needs an offset."""
    if not isinstance(value, str | date):
        raise ValueError("must be a day or an instant as ISO 8601")
    moment = value if isinstance(value, date) else _parse(value)
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("is an instant and needs an offset, such as Z or +02:00")
        return _bounded(moment)
    if not _EARLIEST.date() <= moment < _LATEST.date():
        raise ValueError("must lie between the years 1900 and 3000")
    return moment


def _parse(text: str) -> date:
    try:
        return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("must be a day or an instant as ISO 8601") from None


def _json(value: Any, depth: int = 0) -> Any:
    if depth > _DEPTH:
        raise ValueError(f"must not be nested deeper than {_DEPTH}")
    match value:
        case str():
            return value if _is_storable(value) else _refuse()
        case float() if not math.isfinite(value):
            raise ValueError("must not contain numbers that are not finite")
        case dict():
            return {_json(key): _json(item, depth + 1) for key, item in value.items()}
        case list() | tuple():
            return [_json(item, depth + 1) for item in value]
    return value


def _is_storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def _refuse() -> Any:
    raise ValueError("must not contain NUL or half characters")


Word = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(_plain)]
Title = Annotated[str, Field(max_length=300), AfterValidator(_plain)]
Email = Annotated[
    str,
    Field(max_length=254, pattern=r"^[^@\s,;:<>\"()]+@[^@\s,;:<>\"()]+$"),
    AfterValidator(_plain),
]
Language = Annotated[str, Field(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$")]
Zone = Annotated[str, Field(min_length=1, max_length=64), AfterValidator(known_zone)]
"""An IANA zone this machine knows."""

Instant = Annotated[AwareDatetime, AfterValidator(_bounded)]
ReportedMoment = Annotated[datetime | date, BeforeValidator(_moment)]
Json = Annotated[dict[str, Any], AfterValidator(_json)]
