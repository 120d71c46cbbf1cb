"""What becomes of the goods: whether they go back to stock, and who has to be asked to stop."""

from collections.abc import Iterable, Mapping

from domain.decisions import Decision, LineAmount, WarehouseTerms
from domain.facts import Facts
from domain.policy.clock.deadlines import FactMissing
from domain.policy.conditions import Test
from domain.policy.look import Item, Look
from domain.policy.policy import Policy
from domain.policy.situation import situation
from domain.requests import Request, Right
from domain.subjects import LineKind
from domain.values import Ref

Looks = Mapping[Ref, Look]


def with_goods(decision: Decision, policy: Policy, facts: Facts, request: Request) -> Decision:
    """Add to a decision what becomes of its goods.

    Staff's word on restocking outweighs the policy's. A withdrawal by law holds whether or not a
    warehouse can still stop, so it asks none.
    """
    document, told = policy.document, request.overrides.restock
    asks = document.warehouse is not None and decision.right is not Right.LAW
    if decision.is_declined or (document.restock is True and told in (None, True) and not asks):
        return decision
    goods = {line.id for line in facts.lines if line.kind is LineKind.GOODS}
    amounts = [amount for amount in decision.lines if amount.id in goods]
    looks = _looks(amounts, policy, facts, request)
    kept = {amount.id: _kept_out(policy, looks[amount.id], told) for amount in amounts}
    lines = [_with(amount, kept.get(amount.id)) for amount in decision.lines]
    terms = _terms(policy, looks) if asks else None
    return decision.model_copy(update={"lines": tuple(lines), "warehouse": terms})


def _looks(
    amounts: Iterable[LineAmount], policy: Policy, facts: Facts, request: Request
) -> dict[Ref, Look]:
    """What is looked at of each line, together with the others that are asked for."""
    together = situation(policy, facts, request).asked(request.requested_at)
    items = {item.line.id: item for item in together.items}
    lines = {line.id: line for line in facts.lines}
    return {
        amount.id: Look(
            together,
            items.get(amount.id)
            or Item(lines[amount.id], amount.quantity, amount.price_minor, is_asked=True),
        )
        for amount in amounts
    }


def _kept_out(policy: Policy, look: Look, told: bool | None) -> str | None:
    """Who says that these goods don't go back to stock; None: they do."""
    if told is not None:
        return None if told else "staff"
    if policy.restock is None:
        return None if policy.document.restock else "policy"
    try:
        return None if policy.restock.holds(look) else "policy"
    except FactMissing:
        return "fact_missing"


def _with(amount: LineAmount, kept_out: str | None) -> LineAmount:
    if kept_out is None:
        return amount
    return amount.model_copy(update={"restock": False, "kept_out": kept_out})


def _terms(policy: Policy, looks: Looks) -> WarehouseTerms | None:
    """What a warehouse is asked to stop; where a fact is missing it is asked, too."""
    warehouse = policy.document.warehouse
    stops = tuple(id_ for id_, look in looks.items() if _stops(policy.stops, look))
    if warehouse is None or not stops:
        return None
    return WarehouseTerms(lines=stops, within=warehouse.within, if_silent=warehouse.if_silent)


def _stops(test: Test | None, look: Look) -> bool:
    try:
        return test is None or test.holds(look)
    except FactMissing:
        return True
