"""What a customer has chosen to cancel, as the fields of a form tell it."""

from collections.abc import Container, Mapping, Sequence

from domain.requests import Right
from domain.subjects import LineKind, SubjectRef
from domain.values import Value
from use_cases import reasons
from use_cases.intake import Asked, AskedLine
from use_cases.subject_views import LineView, SubjectView
from web.portal.visit import Visit
from web.shared.fields import Fields

NOTE_LENGTH = 2_000

_TYPED = 20
"""Signs of a quantity that are shown again."""

_ITEMS = (LineKind.GOODS, LineKind.SERVICE)


class Choice(Value):
    """`quantities` are those of the lines chosen, `is_all` says that nothing else is left;
    `is_touched` tells a first visit apart. `odd` are quantities as they were typed that are no
    number, or more or less than can be: nothing goes on with them."""

    quantities: Mapping[str, int] = {}
    odd: Mapping[str, str] = {}
    is_all: bool = False
    reason: str | None = None
    note: str | None = None
    method: str | None = None
    is_touched: bool = False

    def asked(self, subject: SubjectRef, right: Right = Right.CONTRACT) -> Asked:
        return Asked(
            subject=subject,
            lines=() if self.is_all else self._lines(),
            reason=self.reason,
            note=self.note,
            method=self.method,
            right=right,
        )

    def _lines(self) -> tuple[AskedLine, ...]:
        return tuple(AskedLine(id=id_, quantity=n) for id_, n in self.quantities.items())


def open_lines(view: SubjectView, left_out: Container[str] = ()) -> list[LineView]:
    """What is left to choose from, less what is `left_out`: goods and services. Shipping and fees
    go with the last of them, unless nothing else is left."""
    left = [line for line in view.lines if line.quantity > line.quantity_cancelled]
    items = [line for line in left if line.kind in _ITEMS] or left
    return [line for line in items if line.id not in left_out]


def read(view: SubjectView, fields: Fields, left_out: Container[str] = ()) -> Choice:
    """Read the fields; on a first visit all that can be chosen is.

    A line without a quantity means all of it. What is `left_out` can't be chosen.
    """
    lines = open_lines(view, left_out)
    if not fields.one("chosen"):
        return Choice(quantities={line.id: _left(line) for line in lines}, is_all=True)
    wanted = set(fields.all("line"))
    told = {line.id: fields.all(f"quantity.{line.id}") for line in lines if line.id in wanted}
    counted = {line.id: _quantity(line, told[line.id]) for line in lines if line.id in wanted}
    quantities = {id_: many or 1 for id_, many in counted.items()}
    return Choice(
        quantities=quantities,
        odd={id_: told[id_][0][:_TYPED] for id_, many in counted.items() if many is None},
        is_all=all(quantities.get(line.id) == _left(line) for line in lines),
        reason=fields.one("reason") or None,
        note=fields.one("note").strip()[:NOTE_LENGTH] or None,
        method=fields.one("method") or None,
        is_touched=True,
    )


async def read_offered(
    visit: Visit, view: SubjectView, fields: Fields, left_out: Container[str] = ()
) -> Choice:
    """As `read`; a reason that isn't offered, or no longer, counts as none."""
    chosen = read(view, fields, left_out)
    offered = await reasons.list_reasons(visit.context, view.kind, visit.languages)
    is_offered = chosen.reason in {reason.code for reason in offered}
    return chosen if is_offered else chosen.model_copy(update={"reason": None})


def _quantity(line: LineView, told: Sequence[str]) -> int | None:
    """All that is left where nothing is told; None where what is told can't be."""
    if not told:
        return _left(line)
    typed = told[0].strip()
    is_number = typed.isascii() and typed.isdecimal() and len(typed) < 7
    return int(typed) if is_number and 0 < int(typed) <= _left(line) else None


def _left(line: LineView) -> int:
    return line.quantity - line.quantity_cancelled
