"""The parts of a policy beside its rules, in words."""

import re
from collections.abc import Iterator

from babel.dates import format_date, get_day_names

from domain.policy.clock.spans import WEEKDAYS, read_span
from domain.policy.document import Document, Form
from domain.policy.policy import Policy
from domain.policy.usage import DAILY
from domain.refunds import Share
from notifications.policies.amounts import methods, rounding
from notifications.policies.conditions import condition
from notifications.policies.lengths import length
from notifications.policies.names import named
from notifications.policies.phrases import Phrases, sentence
from notifications.policies.timings import form_words, timing_words
from notifications.policies.words import Told

_TIMES = {"rules", "facts", "checks", "refund_within"}
"""Where a document may name business days."""

_BUSINESS = re.compile(r"\d\s*bd\b", re.IGNORECASE)


def scope(p: Phrases, document: Document) -> Iterator[Told]:
    kinds = p.listed((p.say("words", "kinds", kind.value) for kind in document.kinds), "and")
    yield Told(text=p.say("terms", "kinds", kinds=kinds), place="kinds")
    if document.applies_to is not None:
        told = condition(p, document, document.applies_to)
        yield Told(text=p.say("terms", "applies_to", condition=told), place="applies_to")
    if document.priority:
        text = p.say("terms", "priority", n=p.number(document.priority))
        yield Told(text=text, place="priority")
    if document.wording is not None:
        text = p.say("terms", "wording", text=" ".join(document.wording.split()))
        yield Told(text=text, place="wording")
    if document.extends is not None:
        text = p.say("terms", "extends", name=p.quoted(document.extends))
        yield Told(text=text, place="extends")
    if document.laws:
        names = p.listed((p.quoted(name) for name in document.laws), "and")
        yield Told(text=p.say("terms", "laws", names=names), place="laws")


def approval(p: Phrases, document: Document) -> Iterator[Told]:
    found = document.approval
    if found is None:
        if all(rule.approval is None for rule in document.rules):
            yield Told(text=p.say("approval", "none"))
        return
    told = condition(p, document, found.when)
    text = p.say("approval", "when", condition=told) if told else p.say("approval", "always")
    within = length(p, read_span(f"{int(found.within.total_seconds())}s"))
    answer = "default_yes" if found.approve_by_default else "default_no"
    more = (p.say("approval", "within", length=within), p.say("approval", answer))
    yield Told(text=" ".join((text, *more)), rule="approval", place="approval")


def forms(p: Phrases, document: Document) -> Iterator[Told]:
    for number, form in enumerate(document.forms):
        yield Told(text=_form(p, document, form, number), place=f"forms[{number}]")
    if not document.forms:
        yield Told(text=p.say("forms", "none"))
    if document.share is not Share.ORDER:
        yield Told(text=p.say("forms", "share", document.share.value), place="share")
    if document.tender_order:
        told = methods(p, document.tender_order, "and")
        yield Told(text=p.say("forms", "order", methods=told), place="tender_order")


def terms(p: Phrases, policy: Policy) -> Iterator[Told]:
    document = policy.document
    yield Told(text=p.say("terms", "rounding", rounding=rounding(p, document.rounding)),
               place="rounding")  # fmt: skip
    if document.currency is not None:
        text = p.say("terms", "currency", currency=document.currency)
        yield Told(text=text, place="currency")
    for word, stage in document.stages.items():
        told = p.say("terms", "meanings", stage.value)
        text = p.say("terms", "stage", word=p.quoted(word.replace("_", " ")), meaning=told)
        yield Told(text=text, place=f"stages.{word}")
    if document.starts.value != "each":
        yield Told(text=p.say("terms", "starts", document.starts.value), place="starts")
    yield from _business_days(p, document)
    yield from _usage(p, policy)
    undo = document.undo and length(p, read_span(f"{int(document.undo.total_seconds())}s"))
    text = p.say("terms", "undo", length=undo) if undo else p.say("terms", "no_undo")
    yield Told(text=text, place="undo")
    yield Told(text=p.say("terms", "refund", document.refund.value), place="refund")
    yield Told(text=p.say("terms", "on_refused", document.on_refused.value), place="on_refused")
    if document.refund_within is not None:
        text = p.say("terms", "refund_within", length=length(p, document.refund_within))
        yield Told(text=text, place="refund_within")
    text = p.say("terms", "if_refund_fails", document.if_refund_fails.value)
    yield Told(text=text, place="if_refund_fails")
    text = p.say("terms", "promotions", document.promotions.value)
    yield Told(text=text, place="promotions")
    yield from _goods(p, document)


def _goods(p: Phrases, document: Document) -> Iterator[Told]:
    """What becomes of the goods: told where it isn't what goes without saying."""
    if document.restock is False:
        yield Told(text=p.say("terms", "no_restock"), place="restock")
    elif document.restock is not True:
        told = condition(p, document, document.restock)
        yield Told(text=sentence(p.say("terms", "restock", condition=told)), place="restock")
    warehouse = document.warehouse
    if warehouse is None:
        return
    told = condition(p, document, warehouse.when) or p.say("terms", "all_goods")
    span = length(p, read_span(f"{int(warehouse.within.total_seconds())}s"))
    silence = p.say("terms", "if_silent", warehouse.if_silent.value)
    text = p.say("terms", "warehouse", condition=told, length=span, silence=silence)
    yield Told(text=sentence(text), place="warehouse")


def sentences(p: Phrases, document: Document) -> Iterator[Told]:
    for code in document.sentences:
        text = p.say("sentences", "one", code=code, text=p.told(code))
        yield Told(text=text, place=f"sentences.{code}")


def _form(p: Phrases, document: Document, form: Form, number: int) -> str:
    """One form with its condition, the tenders it is for, and when the money arrives."""
    before = [condition(p, document, form.when, form.unless)]
    before.append(
        p.say("forms", "tenders", methods=methods(p, form.tenders)) if form.tenders else ""
    )
    told = p.say("list", "between").join(filter(None, before))
    effect = []
    if form.form is not None:
        effect.append(p.say("forms", "form", form=form_words(p, form.form)))
    if form.timing is not None:
        effect.append(p.say("forms", "timing", timing=timing_words(p, form.timing)))
    effects = p.listed(effect, "and") if effect else p.say("forms", "original")
    told = told or p.say("forms", "otherwise" if number else "always")
    return sentence(p.say("forms", "sentence", condition=told, effect=effects))


def _business_days(p: Phrases, document: Document) -> Iterator[Told]:
    calendar = document.business_days
    if calendar is None:
        if _BUSINESS.search(document.model_dump_json(include=_TIMES)):
            yield Told(text=p.say("terms", "business_days", days=_days(p, WEEKDAYS[:5])))
    else:
        told = [p.say("terms", "business_days", days=_days(p, calendar.workdays))]
        if calendar.holidays is not None:
            told.append(p.say("terms", "holidays", region=calendar.holidays))
        if calendar.closed:
            days = (format_date(day, "long", locale=p.locale) for day in sorted(calendar.closed))
            told.append(p.say("terms", "closed", days=p.listed(days, "and")))
        yield Told(text=" ".join(told), place="business_days")
    if document.closed_from is not None:
        text = p.say("terms", "closed_from", name=named(p, document.closed_from))
        yield Told(text=text, place="closed_from")


def _days(p: Phrases, workdays: tuple[str, ...]) -> str:
    names = get_day_names("wide", locale=p.locale)
    return p.listed((names[WEEKDAYS.index(day)] for day in workdays), "and")


def _usage(p: Phrases, policy: Policy) -> Iterator[Told]:
    usage = policy.document.usage
    if usage is None and DAILY in policy.names:
        yield Told(text=p.say("terms", "usage_days"))
    elif usage is not None and usage.by is not None:
        period = p.say("terms", "periods", usage.by.value)
        text = p.say("terms", "usage_begun" if usage.begun else "usage_full", period=period)
        yield Told(text=text, place="usage")
    elif usage is not None and usage.count is not None:
        count = named(p, usage.count)
        text = p.say("terms", "usage_lines", count=count)
        if usage.out_of is not None:
            text = p.say("terms", "usage", count=count, out_of=named(p, usage.out_of))
        yield Told(text=text, place="usage")
