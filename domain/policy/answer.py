"""The answer at one instant, in plain values: the decision is made of it, and so is its future."""

from datetime import datetime
from typing import NamedTuple

from domain.decisions import Outcome
from domain.policy import approvals, state_rules, time_rules
from domain.policy.charges import Amounts, Charge, settle
from domain.policy.deadlines import FactMissing
from domain.policy.situation import Bound, Ruling, Situation

_NOTHING = Amounts()


class Answer(NamedTuple):
    """`rulings` is every rule looked at; `deciding` those that made the outcome what it is."""

    outcome: Outcome
    rulings: tuple[Ruling, ...]
    deciding: tuple[Ruling, ...]
    amounts: Amounts


def answer(s: Situation, at: datetime | None) -> Answer:
    """Judge the rules in turn. A no outweighs a question, a question a yes."""
    rulings = [*state_rules.judge(s), *time_rules.judge(s, at)]
    if _differs_in_currency(s):
        rulings.append(Ruling("currency", Outcome.HAND_OVER, "currency_differs"))
    if any(ruling.outcome is Outcome.DECLINED for ruling in rulings):
        return _answer(Outcome.DECLINED, rulings, _NOTHING)
    amounts, asks = _amounts(s, at)
    rulings += asks
    for outcome in (Outcome.HAND_OVER, Outcome.NEEDS_APPROVAL):
        if any(ruling.outcome is outcome for ruling in rulings):
            return _answer(outcome, rulings, amounts)
    return _answer(Outcome.ALLOWED, rulings, amounts)


def _answer(outcome: Outcome, rulings: list[Ruling], amounts: Amounts) -> Answer:
    deciding: tuple[Ruling, ...] = ()
    if outcome is not Outcome.ALLOWED:
        deciding = tuple(ruling for ruling in rulings if ruling.outcome is outcome)
    return Answer(outcome, tuple(rulings), deciding, amounts)


def _amounts(s: Situation, at: datetime | None) -> tuple[Amounts, list[Ruling]]:
    """Charges and approval; with a fact missing no amount is proposed."""
    try:
        amounts = settle(s, at)
    except FactMissing as missing:
        zeros = (0,) * len(s.selection.asked)
        asks = [Ruling("charges", Outcome.HAND_OVER, missing.code)]
        return Amounts(fees=zeros, refunds=zeros), asks
    rulings = [_ruling(charge, fee) for charge, fee in amounts.charges]
    try:
        rulings += approvals.judge(s, at, amounts.refund)
    except FactMissing as missing:
        rulings.append(Ruling("approval", Outcome.HAND_OVER, missing.code))
    return amounts, rulings


def _ruling(charge: Charge, fee: int) -> Ruling:
    """A charge of nothing is free by whatever rule, unless it was lifted or set."""
    if not fee and charge.code in ("late_fee", "after_start_fee", "fee", "not_refundable"):
        return Ruling(charge.rule, Outcome.ALLOWED, "free", charge.params)
    params = {**charge.params, "fee_minor": fee} if fee else charge.params
    return Ruling(charge.rule, Outcome.ALLOWED, charge.code, params)


def _differs_in_currency(s: Situation) -> bool:
    """Whether fixed amounts can't be read in this subject's currency."""
    own = s.policy.currency
    return own is not None and own != s.facts.currency and s.bound is not Bound.NONE
