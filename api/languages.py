"""Which languages a reader asks for."""

import re

_PART = re.compile(r"^\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q=([0-9.]{1,5}))?\s*$")


def accepted(header: str | None) -> list[str]:
    """The tags of an Accept-Language header, best first; equal ones keep their order.

    What can't be read, and what is refused with q=0, is left out (RFC 9110, 12.5.4).
    """
    weighed = []
    for part in (header or "").split(","):
        if (found := _PART.match(part)) and found[1] != "*":
            weight = _weight(found[2])
            if weight > 0:
                weighed.append((weight, found[1]))
    return [tag for _, tag in sorted(weighed, key=lambda each: -each[0])]


def _weight(text: str | None) -> float:
    try:
        return float(text) if text else 1.0
    except ValueError:
        return 0.0
