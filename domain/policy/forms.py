"""As what money goes back to each tender, and when it arrives."""

from collections.abc import Sequence

from domain.decisions import TenderAmount
from domain.policy.charges import fits
from domain.policy.deadlines import FactMissing
from domain.policy.look import Look, Together
from domain.policy.policy import FormRule, Rule
from domain.policy.situation import Situation
from domain.refunds import allocate
from domain.values import Code

ORIGINAL = "original"
"""The way it was paid."""


def tenders_of(
    s: Situation, together: Together, refund: int, rule: Rule | None = None
) -> tuple[TenderAmount, ...]:
    """Spread a refund over the tenders. What the deciding rule says of form and timing goes before
    what the policy says of each tender."""
    amounts = allocate(refund, s.facts.tenders, s.policy.document.tender_order)
    fitting = _fitting(s, together)
    if not fitting and (rule is None or not (rule.form or rule.timing)):
        return amounts
    return tuple(_formed(amount, fitting, rule) for amount in amounts)


def form_of(
    s: Situation, together: Together, tenders: Sequence[TenderAmount], rule: Rule | None
) -> Code:
    """What is given in all: something besides money, or the form of the first tender's."""
    if rule is not None and rule.grants:
        return rule.grants
    if tenders:
        return tenders[0].form
    if rule is not None and rule.form:
        return rule.form
    found = (f.document.form for f in _fitting(s, together) if not f.document.tenders)
    return next((form for form in found if form), ORIGINAL)


def _fitting(s: Situation, together: Together) -> list[FormRule]:
    """Those whose condition holds. One that needs what nobody knows doesn't."""
    if not s.policy.forms or not together.items:
        return []
    look = Look(together, together.items[0])
    return [form for form in s.policy.forms if _fits(form, look)]


def _fits(form: FormRule, look: Look) -> bool:
    try:
        return fits(form.test, look)
    except FactMissing:
        return False


def _formed(amount: TenderAmount, fitting: Sequence[FormRule], rule: Rule | None) -> TenderAmount:
    form = rule.form if rule else None
    timing = rule.timing if rule else None
    for each in fitting:
        if each.document.tenders and amount.method not in each.document.tenders:
            continue
        form = form or each.document.form
        timing = timing or each.document.timing
    return amount.model_copy(update={"form": form or ORIGINAL, "timing": timing})
