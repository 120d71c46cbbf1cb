"""A document laid over another one."""

from collections.abc import Callable, Mapping
from typing import Any

_LISTS = ("rules", "checks", "forms")
_TABLES = ("facts", "stages", "sentences")
_DEEPEST = 5


def overlaid(
    document: Mapping[str, Any], others: Callable[[str], Mapping[str, Any] | None] | None
) -> dict[str, Any]:
    """The whole document: own parts, and the other's wherever there is none.

    Own rules, checks and forms stand before the other's; facts, stages and sentences are merged by
    name. A base may have a base. Raises ValueError where it can't be found or goes round in a
    circle.
    """
    found = dict(document)
    for _ in range(_DEEPEST):
        name = found.pop("extends", None)
        if name is None:
            return found
        base = others(name) if others and isinstance(name, str) else None
        if base is None:
            raise ValueError(f"there is no policy {name!r} to extend")
        found = _over(found, base)
    raise ValueError("a policy extends at most four others, one after another")


def _over(own: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    merged = {**base, **own}
    for name in _LISTS:
        if isinstance(own.get(name), list) and isinstance(base.get(name), list):
            merged[name] = [*own[name], *base[name]]
    for name in _TABLES:
        if isinstance(own.get(name), Mapping) and isinstance(base.get(name), Mapping):
            merged[name] = {**base[name], **own[name]}
    return merged
