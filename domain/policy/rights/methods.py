"""How the money can come back, where the policy leaves it to the customer."""

from collections.abc import Iterator, Sequence

from domain.decisions import Decision, Outcome
from domain.facts import Facts
from domain.policy.document import Document
from domain.policy.linting.walking import all_atoms
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Rights
from domain.refunds import Share
from domain.requests import Request
from domain.subjects import Tender
from domain.values import Code, Value

_OPEN = (Outcome.ALLOWED, Outcome.NEEDS_APPROVAL)


class RefundMethod(Value):
    """One way to have the money back, with what the request comes to that names it as its `method`;
    None is the way for who names nothing."""

    method: Code | None
    decision: Decision


def refund_methods(rights: Rights, facts: Facts, request: Request) -> tuple[RefundMethod, ...]:
    """The usual way first, then each that comes to something else; alone: there is no choice.

    Tried is what a condition of the contract's policy names and, where the refund is shared by
    choice, each payment. What only an expression names isn't found. Raises as `decide`.
    """
    found = [_method(rights, facts, request, None)]
    usual = found[0].decision
    if usual.outcome not in _OPEN or not usual.refund_minor:
        return (found[0],)
    for name in dict.fromkeys(_names(rights.contract.document, facts.tenders)):
        other = _method(rights, facts, request, name)
        is_open = other.decision.outcome in _OPEN
        if is_open and _comes_to(other) not in map(_comes_to, found):
            found.append(other)
    return tuple(found)


def _method(rights: Rights, facts: Facts, request: Request, method: str | None) -> RefundMethod:
    decision = decide_best(rights, facts, request.model_copy(update={"method": method}))
    return RefundMethod(method=method, decision=decision)


def _names(document: Document, tenders: Sequence[Tender]) -> Iterator[str]:
    for atom in all_atoms(document):
        if atom.name == "method":
            values = atom.value if isinstance(atom.value, list | tuple) else (atom.value,)
            yield from (value for value in values if isinstance(value, str))
    if document.share is Share.CHOICE:
        methods = [tender.method for tender in tenders]
        for tender in tenders:
            yield tender.method if methods.count(tender.method) == 1 else tender.id


def _comes_to(way: RefundMethod) -> tuple[object, ...]:
    decision = way.decision
    return decision.outcome, decision.refund_minor, decision.fee_minor, frozenset(decision.tenders)
