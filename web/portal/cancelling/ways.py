"""The ways to have the money back that a page offers: as it was paid before any other."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from domain.decisions import Decision
from domain.policy.rights.methods import RefundMethod
from notifications.speaker import Speaker
from web.portal.choice import Choice
from web.portal.explained import Payback, paybacks

_AS_PAID = frozenset({"original", "void"})


class Way(NamedTuple):
    """`form` is what all of it comes as: original for the means of payment themselves, nothing for
    a mixture. `first` is the payment that is filled first, by the customer's choice."""

    method: str | None
    form: str
    first: str
    decision: Decision
    paybacks: Sequence[Payback]


def ways_of(found: Iterable[RefundMethod], speaker: Speaker) -> Sequence[Way]:
    """The way it was paid comes first and is what a page starts with, whatever the policy's own
    default is: nobody is steered to credit."""
    ways = [_way(each, speaker) for each in found]
    return sorted(ways, key=lambda way: way.form != "original")


def chosen_way(ways: Sequence[Way], chosen: Choice) -> Way:
    """The one that was chosen, if it is still offered, else the first."""
    if not chosen.is_touched:
        return ways[0]
    return next((way for way in ways if way.method == chosen.method), ways[0])


def has_changed(ways: Sequence[Way], shown: Sequence[str]) -> bool:
    """Whether the page shows other ways than these: only then may what is picked there be replaced,
    as somebody may be picking just now."""
    return shown != ([way.method or "" for way in ways] if len(ways) > 1 else [])


def _way(found: RefundMethod, speaker: Speaker) -> Way:
    tenders = found.decision.tenders
    forms = {"original" if tender.form in _AS_PAID else tender.form for tender in tenders}
    named = (tender.method for tender in tenders if found.method in (tender.method, tender.id))
    return Way(
        method=found.method,
        form=forms.pop() if len(forms) == 1 else "" if forms else "original",
        first=next(named, ""),
        decision=found.decision,
        paybacks=paybacks(speaker, tenders),
    )
