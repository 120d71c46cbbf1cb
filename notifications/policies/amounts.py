"""Single amounts in words, and what they are of."""

from domain.money import Rounding
from domain.policy.document import Base, Charge, Combination, Document, Of, Steps
from domain.policy.reading.literals import read_literal
from domain.policy.vocabulary import Type
from notifications.policies.names import constant, is_name, named, percent, type_of
from notifications.policies.phrases import Phrases

_WHOLE = ("everything", "100%", "1/1")


def is_nothing(said: str | Combination) -> bool:
    return said in ("nothing", "0%")


def amount(p: Phrases, document: Document, charge: Charge, said: str | Combination) -> str:
    """What is kept or returned, such as "half of the price", with its limits and rounding."""
    told = _figure(p, document, charge, said)
    for count in charge.per:
        each = p.say("per", count) if p.find("per", count) else _times(p, count)
        told = f"{told} {each}"
    return told + modifiers(p, document, charge)


def modifiers(p: Phrases, document: Document, charge: Charge) -> str:
    """Limits that are one amount each, rounding, and whether the price is no bound."""
    told = ""
    for word in ("at_least", "at_most"):
        limit = getattr(charge, word)
        if isinstance(limit, str):
            alone = Charge(keep=limit, of=charge.of)
            key = word if charge.return_ is None else f"back_{word}"
            told += p.say("charges", key, amount=_figure(p, document, alone, limit))
    if charge.rounding is not None:
        told += p.say("charges", "rounded", rounding=rounding(p, charge.rounding))
    if charge.beyond_price:
        told += p.say("charges", "beyond_price")
    return told


def rounding(p: Phrases, way: Rounding | Steps) -> str:
    if isinstance(way, Rounding):
        return p.say("rounding", way.value)
    step = constant(p, Type.MONEY, way.to)
    return p.say("rounding", "to", way=p.say("rounding", way.way.value), step=step)


def base(p: Phrases, of: Base | Of, form: str) -> str:
    """What a percentage is of: the `whole` of it, or as it stands after "half `of`"."""
    if isinstance(of, Base):
        return p.say("bases", of.value, form)
    if of.first is not None or of.next is not None:
        word = "first" if of.first is not None else "next"
        return p.count("bases", word, form, n=of.first or of.next or 0)
    if of.tenders:
        return p.say("bases", "tenders", form, methods=methods(p, of.tenders))
    assert of.fact is not None
    return p.say("bases", "fact", form, name=named(p, of.fact))


def methods(p: Phrases, codes: tuple[str, ...], word: str = "or") -> str:
    return p.listed((p.method(code) for code in codes), word)


def _figure(p: Phrases, document: Document, charge: Charge, said: str | Combination) -> str:
    if isinstance(said, Combination):
        assert said.cel is not None
        return _fixed(p, charge, p.say("amounts", "cel", text=" ".join(said.cel.split())))
    text = said.strip()
    if is_nothing(text):
        return p.say("amounts", "nothing")
    if text in _WHOLE:
        return base(p, charge.of, "whole")
    if text == "ask":
        return p.say("amounts", "ask")
    if is_name(document, text):
        name = named(p, text)
        if type_of(document, text) is Type.PERCENT:
            return p.say("amounts", "named_part", name=name, base=base(p, charge.of, "of"))
        return _fixed(p, charge, p.say("amounts", "named_sum", name=name))
    if text.endswith("%") or "/" in text:
        return _part(p, charge, text)
    return _fixed(p, charge, constant(p, Type.MONEY, text))


def _part(p: Phrases, charge: Charge, text: str) -> str:
    part = read_literal(Type.PERCENT, text)
    written = f"{part.numerator}/{part.denominator}"
    known = written if p.find("amounts", "part", written) else "other"
    told = percent(p, text)
    return p.say("amounts", "part", known, part=told, base=base(p, charge.of, "of"))


def _fixed(p: Phrases, charge: Charge, told: str) -> str:
    """A sum; another base than the price says how lines share it, or what the rest goes back of."""
    if charge.of is Base.PRICE:
        return told
    word = "spread" if charge.return_ is None else "sum_of"
    return p.say("amounts", word, amount=told, base=base(p, charge.of, "of"))


def _times(p: Phrases, name: str) -> str:
    return p.say("per", "fact", name=named(p, name))
