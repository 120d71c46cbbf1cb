"""What a page sends."""

from collections.abc import Iterable, Sequence
from uuid import UUID


class Fields:
    """The fields of a query or a form; the same name may come several times, files don't count.

    Values come without NUL, which PostgreSQL keeps in no text.
    """

    def __init__(self, pairs: Iterable[tuple[str, object]]) -> None:
        self._told: dict[str, list[str]] = {}
        for name, value in pairs:
            if isinstance(value, str):
                self._told.setdefault(name, []).append(value.replace("\0", ""))

    def all(self, name: str) -> Sequence[str]:
        return self._told.get(name, ())

    def one(self, name: str) -> str:
        """The first of this name; nothing where there is none."""
        return next(iter(self.all(name)), "")


def id_told(told: str) -> UUID | None:
    """An id as an address or a form names it; None for what is none."""
    try:
        return UUID(told)
    except ValueError:
        return None
