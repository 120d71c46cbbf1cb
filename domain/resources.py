"""What can be booked: a chair, a room, a practitioner, with its opening hours."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from domain.texts import Title, Zone
from domain.values import Value

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d|24:00")

Weekday = Literal["1", "2", "3", "4", "5", "6", "7"]
"""By ISO: 1 is Monday."""

Minutes = Annotated[int, Field(ge=0, le=1440)]


def _ordered(spans: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Refuse spans that run backwards or into each other; hours past midnight are two spans."""
    before = "00:00"
    for opens, closes in spans:
        if not (_TIME.fullmatch(opens) and _TIME.fullmatch(closes)):
            raise ValueError("must be times such as 09:00, up to 24:00")
        if not before <= opens < closes:
            raise ValueError("must be spans in ascending order that don't overlap")
        before = closes
    return spans


Spans = Annotated[list[tuple[str, str]], AfterValidator(_ordered)]
"""Civil times of opening and closing."""


class Resource(Value):
    """Hours are civil times in `zone`. Buffers are kept free around each reservation.

    Slots are offered every `slot_minutes` from each opening on; capacity n is n at once.
    """

    title: Title
    zone: Zone
    weekly_hours: dict[Weekday, Spans] = {}
    slot_minutes: int = Field(default=30, ge=1, le=1440)
    buffer_before_minutes: Minutes = 0
    buffer_after_minutes: Minutes = 0
    capacity: int = Field(default=1, ge=1, le=1000)
