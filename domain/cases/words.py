"""Puts what cases write in several ways into one, before it is read."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from domain.reasons import OTHER

MOMENTS = ("placed_at", "starts_at", "ends_at", "original_starts_at", "delivered_at", "now")
_PROMOTED = ("delivered_at", "original_starts_at", "reschedules", "requested_refund_method")
_FLAGS = ("consents", "evidence")
_TABLES = (*_FLAGS, "customer")
_LISTS = ("items", "payments", "earlier_refunds")
_INITIATORS = {
    "business": "merchant seller shop host provider supplier company operator organiser organizer"
    " venue hotel restaurant airline carrier landlord owner school teacher instructor practice",
    "customer": "buyer consumer client guest passenger traveller traveler user patient student",
}
_WHO = {word: ours for ours, words in _INITIATORS.items() for word in words.split()}
_NOT_WORD = re.compile(r"[^a-z0-9]+")
_LONGEST = 64


def code_of(text: str) -> str:
    """Words as a code: lower case, with underscores. What leaves nothing is `other`."""
    plain = text.lower().replace("'", "").replace("’", "")
    return _NOT_WORD.sub("_", plain).lstrip("_0123456789")[:_LONGEST].rstrip("_") or OTHER


def without_blanks(given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if value is not None and value != ""}


def plain_facts(given: Mapping[str, Any]) -> dict[str, Any]:
    """Some facts of ours may stand among the attributes, and what has another shape than they have
    goes there. Times without an offset are the place's own; consents and evidence may be a list of
    what there is; none of an item, or an unknown amount, is left out."""
    known = given.get("attributes")
    known = dict(known) if isinstance(known, Mapping) else {}
    facts = without_blanks({name: known[name] for name in _PROMOTED if name in known})
    facts = {name: value for name, value in facts.items() if _may_be(name, value)}
    facts |= without_blanks(given)
    facts |= {name: _flags(facts[name]) for name in _FLAGS if name in facts}
    unlike = [name for name in _TABLES if name in facts and not isinstance(facts[name], Mapping)]
    facts["attributes"] = known | {name: facts.pop(name) for name in unlike}
    for name in _LISTS:
        facts |= {name: list(filter(_is_some, facts[name]))} if _is_list(facts.get(name)) else {}
    for name in MOMENTS:
        facts |= {name: _at_place(facts[name], facts.get("timezone"))} if name in facts else {}
    if isinstance(facts.get("currency"), str):
        facts["currency"] = facts["currency"].upper()
    if "cancel_items" in facts:
        facts["cancel_items"] = list(_named(facts["cancel_items"]))
    return facts


def initiator_of(word: str) -> str:
    """Who asks, in our word for it."""
    return _WHO.get(code_of(word), word)


def _may_be(name: str, value: Any) -> bool:
    """Whether an attribute reads as the fact of ours that is called the same."""
    if name not in MOMENTS:
        return True
    try:
        datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return False
    return True


def _is_list(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _is_some(each: Any) -> bool:
    if not isinstance(each, Mapping):
        return True
    return each.get("qty") != 0 and not ("amount_minor" in each and each["amount_minor"] is None)


def _flags(value: Any) -> Any:
    if isinstance(value, str):
        value = [value]
    if _is_list(value) and all(isinstance(each, str) for each in value):
        return {code_of(each): True for each in value}
    return value


def _at_place(value: Any, zone: Any) -> Any:
    """An instant; without an offset, by the clock there. What is none stays as it is."""
    if not isinstance(value, str) or len(value) <= len("2026-05-31"):
        return value
    try:
        moment = datetime.fromisoformat(value)
        return value if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone or "UTC"))
    except (TypeError, ValueError, KeyError, OSError):
        return value


def _named(value: Any) -> Iterator[Any]:
    """What is to be cancelled: names, each with a number where not all of it is meant."""
    if isinstance(value, str):
        value = [value]
    if isinstance(value, Mapping):
        value = [{"sku": name, "qty": count} for name, count in value.items()]
    for each in value if _is_list(value) else [value]:
        yield {"sku": each} if isinstance(each, str) else each
