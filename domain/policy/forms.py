"""As what money goes back to each tender, and when it arrives."""

from collections.abc import Sequence

from domain.decisions import TenderAmount
from domain.policy.charges import fits
from domain.policy.clock.deadlines import FactMissing
from domain.policy.look import Look, Together
from domain.policy.policy import FormRule, Rule
from domain.policy.situation import Situation
from domain.refunds import shares
from domain.subjects import Tender
from domain.values import Code

ORIGINAL = "original"
"""The way it was paid."""


def tenders_of(
    s: Situation, together: Together, refund: int, rule: Rule | None = None
) -> tuple[TenderAmount, ...]:
    """Spread a refund over the tenders. What the deciding rule says of form and timing goes before
    what the policy says of each tender."""
    fitting = _fitting(s, together)
    document = s.policy.document
    found = shares(
        refund,
        s.facts.tenders,
        document.tender_order,
        share=document.share,
        choice=s.request.method,
    )
    return tuple([_formed(tender, share, fitting, rule) for tender, share in found])


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


def _formed(
    tender: Tender, share: int, fitting: Sequence[FormRule], rule: Rule | None
) -> TenderAmount:
    form = rule.form if rule else None
    timing = rule.timing if rule else None
    for each in fitting:
        if each.document.tenders and tender.method not in each.document.tenders:
            continue
        form = form or each.document.form
        timing = timing or each.document.timing
    return TenderAmount.of_checked(
        id=tender.id,
        method=tender.method,
        handling=tender.handling,
        amount_minor=share,
        form=form or ORIGINAL,
        timing=timing,
    )
