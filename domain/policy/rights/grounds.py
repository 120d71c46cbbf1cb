"""The rights that a request may rest on, and the subject as each of them sees it."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from domain.facts import Facts
from domain.policy.policy import Policy
from domain.requests import Initiator, Request, Right
from domain.subjects import Line

Gone = Mapping[str, Mapping[str, int]]
"""By the id of a law: how many units of each line were cancelled by it before."""

_CONSUMERS = (Initiator.CUSTOMER, Initiator.AGENT, Initiator.STAFF)
"""Who cancels for the customer. The business and its systems have no right of withdrawal."""


class Law(NamedTuple):
    """A policy that holds by law, in one version."""

    policy: Policy
    version: int = 0


class Rights(NamedTuple):
    """What a purchase was made under: the contract's policy, the laws it names, and what went by
    them before."""

    contract: Policy
    version: int = 0
    laws: tuple[Law, ...] = ()
    gone: Gone = MappingProxyType({})

    def named(self, policy_id: str) -> Policy:
        """The policy that a decision names: a law's, else the contract's."""
        found = (law.policy for law in self.laws if law.policy.id == policy_id)
        return next(found, self.contract)


class Ground(NamedTuple):
    """A right with the policy that says what it is."""

    right: Right
    policy: Policy
    version: int = 0


def grounds_of(rights: Rights, request: Request) -> tuple[Ground, ...]:
    """What this request may rest on, the laws first: a tie is theirs."""
    own = Ground(request.right, rights.contract, rights.version)
    if request.right is Right.GOODWILL or request.initiator not in _CONSUMERS:
        return (own,)
    laws = tuple(Ground(Right.LAW, law.policy, law.version) for law in rights.laws)
    return laws if laws and request.right is Right.LAW else (*laws, own)


def seen_by(ground: Ground, facts: Facts, gone: Gone, asked: Sequence[str] = ()) -> Facts:
    """The facts less what went by another right: of that, this one neither counts fee nor price.

    A line that went altogether stays where it is `asked` for, so that this can be answered.
    """
    if not any(gone.values()):
        return facts
    lines = []
    for line in facts.lines:
        elsewhere = _elsewhere(ground, line, gone)
        if elsewhere < line.quantity:
            lines.append(_less(line, elsewhere))
        elif line.id in asked:
            lines.append(line)
    return facts.model_copy(update={"lines": tuple(lines)}) if lines else facts


def _elsewhere(ground: Ground, line: Line, gone: Gone) -> int:
    """Units cancelled by other rights. What no law has on record went by the contract."""
    own = min(line.quantity_cancelled, gone.get(ground.policy.id, {}).get(line.id, 0))
    if ground.right is Right.LAW:
        return line.quantity_cancelled - own
    by_laws = sum(lines.get(line.id, 0) for lines in gone.values())
    return min(line.quantity_cancelled, by_laws - own)


def _less(line: Line, units: int) -> Line:
    """A line without its first units, which cost what `price_of` says."""
    if not units:
        return line
    left = line.quantity - units
    price = line.price_of(units, left)
    changed = {
        "quantity": left,
        "quantity_cancelled": line.quantity_cancelled - units,
        "discount_minor": max(0, line.unit_price_minor * left - price),
        "tax_minor": max(0, price - line.unit_price_minor * left),
        "refunded_minor": max(0, line.refunded_minor - line.price_of(0, units)),
    }
    return line.model_copy(update=changed)
