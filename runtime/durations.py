"""How long something takes, as people write it in a setting."""

import re
from datetime import timedelta
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, TypeAdapter, ValidationError

_NUMBER = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhd]?)", re.ASCII)
_UNITS = {"": "seconds", "s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_ISO: TypeAdapter[timedelta] = TypeAdapter(timedelta)


def _read(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if found := _NUMBER.fullmatch(value.strip()):
        return timedelta(**{_UNITS[found[2]]: float(found[1])})
    try:
        return _ISO.validate_python(value.strip())
    except ValidationError:
        raise ValueError(
            "is no duration: write seconds, such as 30, or a unit with it, such as 30s, 15m, 2h "
            "or 1d, or ISO 8601, such as PT30S"
        ) from None


def _some(span: timedelta) -> timedelta:
    if span <= timedelta(0):
        raise ValueError("must be more than nothing")
    return span


Duration = Annotated[timedelta, BeforeValidator(_read), AfterValidator(_some)]
"""Seconds, a number with s, m, h or d, or ISO 8601; more than nothing."""
