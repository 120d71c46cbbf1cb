"""What a customer has chosen to cancel, as the fields of a form tell it."""

from collections.abc import Mapping

from domain.requests import Right
from domain.subjects import SubjectRef
from domain.values import Value
from use_cases.intake import Asked, AskedLine
from use_cases.subject_views import LineView, SubjectView
from web.shared.fields import Fields

NOTE_LENGTH = 2_000


class Choice(Value):
    """`quantities` are those of the lines chosen; `is_touched` tells a first visit apart."""

    quantities: Mapping[str, int] = {}
    reason: str | None = None
    note: str | None = None
    method: str | None = None
    is_touched: bool = False

    def asked(self, subject: SubjectRef, right: Right = Right.CONTRACT) -> Asked:
        return Asked(
            subject=subject,
            lines=tuple(AskedLine(id=id_, quantity=n) for id_, n in self.quantities.items()),
            reason=self.reason,
            note=self.note,
            method=self.method,
            right=right,
        )


def open_lines(view: SubjectView) -> list[LineView]:
    return [line for line in view.lines if line.quantity > line.quantity_cancelled]


def read(view: SubjectView, fields: Fields) -> Choice:
    """Read the fields; on a first visit all that is open is chosen.

    A quantity that is no number, or that the line doesn't have, becomes the nearest it has.
    """
    lines, is_touched = open_lines(view), bool(fields.one("chosen"))
    if not is_touched:
        return Choice(quantities={line.id: _left(line) for line in lines})
    wanted = set(fields.all("line"))
    return Choice(
        quantities={
            line.id: _quantity(line, fields.one(f"quantity.{line.id}"))
            for line in lines
            if line.id in wanted
        },
        reason=fields.one("reason") or None,
        note=fields.one("note").strip()[:NOTE_LENGTH] or None,
        method=fields.one("method") or None,
        is_touched=True,
    )


def _quantity(line: LineView, told: str) -> int:
    wanted = int(told) if told.isascii() and told.isdecimal() and len(told) < 7 else _left(line)
    return min(max(wanted, 1), _left(line))


def _left(line: LineView) -> int:
    return line.quantity - line.quantity_cancelled
