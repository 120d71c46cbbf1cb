"""A declaration of withdrawal in the making, as the fields of its form tell it."""

import re
from collections.abc import Mapping, Sequence

from domain.values import Value
from notifications import mail
from use_cases.subject_views import LineView, SubjectView
from web.portal import choice
from web.shared.fields import Fields

_LONGEST: Mapping[str, int] = {"number": 100, "name": 200, "email": 254, "part": 1_000}
"""Characters of each field; what is longer is cut."""

_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class Filled(Value):
    """`quantities` are those of the lines chosen, where somebody is signed in, and `odd` as in a
    choice; `part` says in words what is meant, where nobody is."""

    number: str = ""
    name: str = ""
    email: str = ""
    part: str = ""
    quantities: Mapping[str, int] = {}
    odd: Mapping[str, str] = {}

    def faults(self, view: SubjectView | None) -> Sequence[str]:
        """The fields that are missing: name, contract, address, and nothing else is compulsory."""
        found = [name for name in ("number", "name") if not getattr(self, name)]
        if not _is_reachable(self.email):
            found.append("email")
        if view is not None and not self.quantities:
            found.append("lines")
        return [*found, *(["quantity"] if self.odd else [])]


def read(fields: Fields, view: SubjectView | None = None) -> Filled:
    """Read the fields; with a view of a customer's own, what is known needn't be told again."""
    told = {name: _plain(fields.one(name))[:most].strip() for name, most in _LONGEST.items()}
    if view is None:
        return Filled(**told)
    if not fields.one("chosen"):
        told |= {"name": view.customer.name or "", "email": view.customer.email or ""}
    chosen = choice.read(view, fields)
    return Filled(
        number=view.id,
        name=told["name"],
        email=told["email"],
        quantities=chosen.quantities,
        odd=chosen.odd,
    )


def chosen_lines(view: SubjectView, filled: Filled) -> Sequence[tuple[int, LineView]]:
    """What was chosen, with how many of each."""
    return [
        (filled.quantities[line.id], line) for line in view.lines if line.id in filled.quantities
    ]


def _is_reachable(email: str) -> bool:
    """Whether a receipt may get there: an address whose domain has a dot."""
    address = mail.address(email)
    return address is not None and "." in address.domain.strip(".")


def _plain(text: str) -> str:
    """Without signs that can't be seen; a break stays one."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n"))
