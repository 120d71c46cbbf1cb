"""What a rule keeps or returns, in words."""

from domain.policy.document import Charge, Combination, Document, Table
from domain.policy.vocabulary import Type
from notifications.policies.amounts import amount, base, is_nothing, modifiers
from notifications.policies.conditions import condition, tested
from notifications.policies.names import named, type_of, valued
from notifications.policies.phrases import Phrases, sentence
from notifications.policies.words import Told

_LISTS = ("first", "sum", "best", "most")


def charged(p: Phrases, document: Document, charge: Charge, place: str) -> Told:
    """One charge without its condition: a clause, with the parts or the table that belong to it."""
    said = charge.return_ if charge.keep is None else charge.keep
    assert said is not None
    limits = _limits(p, document, charge, place)
    if isinstance(said, Combination) and said.table is not None:
        return _table(p, document, charge, said.table, limits)
    if isinstance(said, Combination) and said.cel is None:
        return _combination(p, document, charge, said, place, limits)
    return Told(text=_alone(p, document, charge, said), parts=limits)


def _alone(p: Phrases, document: Document, charge: Charge, said: str | Combination) -> str:
    is_kept = charge.keep is not None
    if said == "ask":
        return p.say("charges", "ask" if is_kept else "back_ask") + modifiers(p, document, charge)
    if is_kept and is_nothing(said) and charge.at_least is None:
        return p.say("charges", "free")
    word = "fee" if is_kept else "back"
    return p.say("charges", word, amount=amount(p, document, charge, said))


def _combination(
    p: Phrases,
    document: Document,
    charge: Charge,
    said: Combination,
    place: str,
    limits: tuple[Told, ...],
) -> Told:
    word = next(each for each in _LISTS if getattr(said, each) is not None)
    parts = tuple(
        _part(p, document, each, f"{place}.keep.{word}[{number}]")
        for number, each in enumerate(getattr(said, word))
    )
    text = p.say("charges", word) + modifiers(p, document, charge)
    return Told(text=text, parts=(*parts, *limits))


def _part(p: Phrases, document: Document, charge: Charge, place: str) -> Told:
    """A charge with its condition before it."""
    told = charged(p, document, charge, place)
    before = condition(p, document, charge.when, charge.unless)
    text = p.say("charges", "cond", condition=before, charge=told.text) if before else told.text
    return told.model_copy(update={"text": sentence(text), "place": place})


def _limits(p: Phrases, document: Document, charge: Charge, place: str) -> tuple[Told, ...]:
    """Limits that are charges of their own."""
    found = []
    for word, title in (("at_least", "limit_least"), ("at_most", "limit_most")):
        limit = getattr(charge, word)
        if isinstance(limit, Charge):
            inner = _part(p, document, limit, f"{place}.{word}")
            text = p.say("charges", "cond", condition=p.say("charges", title), charge=inner.text)
            found.append(inner.model_copy(update={"text": text}))
    return tuple(found)


def _table(
    p: Phrases, document: Document, charge: Charge, table: Table, limits: tuple[Told, ...]
) -> Told:
    by = named(p, table.down)
    if table.across:
        by = p.say("charges", "table_across", down=by, across=named(p, table.across))
    word = "table_back" if charge.keep is None else "table_fee"
    text = p.say("charges", word, base=base(p, charge.of, "of"), down=by)
    text += modifiers(p, document, charge)
    gap = Told(text=p.say("charges", "table_gap"))
    return Told(text=text, parts=(*limits, gap), table=_rows(p, document, charge, table))


def _rows(
    p: Phrases, document: Document, charge: Charge, table: Table
) -> tuple[tuple[str, ...], ...]:
    rows = []
    if table.across:
        head = (_bound(p, document, table.across, bound) for bound in table.columns)
        rows.append(("", *head))
    for bound, *cells in table.rows:
        told = (_cell(p, document, charge, str(cell)) for cell in cells)
        rows.append((_bound(p, document, table.down, bound), *told))
    return tuple(rows)


def _bound(p: Phrases, document: Document, name: str, value: object) -> str:
    type_ = type_of(document, name)
    if type_ is Type.DISTANCE:
        return sentence(tested(p, document, name, "at_least", value))
    return p.say("charges", "from", value=valued(p, document, name, type_, value))


def _cell(p: Phrases, document: Document, charge: Charge, said: str) -> str:
    if said == "ask":
        return p.say("charges", "cell_ask")
    if said.endswith("%") or "/" in said:
        return said
    alone = Charge(keep=said, of=charge.of, per=charge.per)
    return amount(p, document, alone, said)
