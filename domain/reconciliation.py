"""Comparing our refunds with those that a provider lists."""

from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime

from domain.ids import read_refund_key, refund_key
from domain.lifecycle import REFUND_ACCEPTED, RefundState
from domain.money import Money
from domain.values import Value


class Difference(StrEnum):
    """What doesn't agree.

    Made elsewhere: nobody asked for it here. Made twice: one refund of ours is there a second time,
    or was paid in another way as well. Not listed: the provider doesn't have what it had accepted.
    Unnoticed: it landed or failed and we don't know yet. State: any other difference of states.
    """

    MADE_ELSEWHERE = "made_elsewhere"
    MADE_TWICE = "made_twice"
    NOT_LISTED = "not_listed"
    AMOUNT = "amount"
    LANDED_UNNOTICED = "landed_unnoticed"
    FAILED_UNNOTICED = "failed_unnoticed"
    STATE = "state"


class DifferenceState(StrEnum):
    """Gone: a later run found that both sides agree. Told: the tender knew of that money already.

    Adopted: a person recorded the money as returned elsewhere. Dismissed: a person looked at it.
    """

    OPEN = "open"
    GONE = "gone"
    TOLD = "told"
    ADOPTED = "adopted"
    DISMISSED = "dismissed"


FOLLOWED = frozenset({Difference.LANDED_UNNOTICED, Difference.FAILED_UNNOTICED, Difference.STATE})
"""These mend themselves: the refund's run reads it again."""

ADOPTED = frozenset({Difference.MADE_ELSEWHERE, Difference.MADE_TWICE})
"""Money that left without us, for a person to record on the tender it came from."""


class Ours(Value):
    """A refund as our row tells it; `by_provider`: it still is the provider's to return."""

    refund_id: UUID
    subject_id: UUID
    state: RefundState
    amount: Money
    attempt: int
    by_provider: bool
    provider_ref: str | None
    payment_ref: str | None
    failure: str | None
    made_at: AwareDatetime
    touched_at: AwareDatetime


class Theirs(Value):
    """A refund as its provider lists it, in our words; `key` is ours, where it keeps it."""

    provider_ref: str
    state: RefundState
    amount: Money
    key: str | None
    payment_ref: str | None
    made_at: AwareDatetime


class Disagreement(Value):
    """One difference; what only one side knows is missing on the other."""

    difference: Difference
    provider_ref: str
    ours: Ours | None = None
    theirs: Theirs | None = None


def ours_of(theirs: Theirs, by_ref: Mapping[str, Ours], by_id: Mapping[UUID, Ours]) -> Ours | None:
    """Find our row of a listed refund: by the provider's name for it, else by our key."""
    if theirs.provider_ref in by_ref:
        return by_ref[theirs.provider_ref]
    named = read_refund_key(theirs.key or "")
    return by_id.get(named[0]) if named else None


def compare(theirs: Theirs, ours: Ours | None) -> Disagreement | None:
    """What doesn't agree about a refund that the provider lists for a payment of ours."""
    difference = _elsewhere(theirs) if ours is None else _difference(theirs, ours)
    if difference is None:
        return None
    return Disagreement(
        difference=difference, provider_ref=theirs.provider_ref, ours=ours, theirs=theirs
    )


def missing(ours: Ours) -> Disagreement:
    """What the provider had accepted and doesn't list."""
    return Disagreement(
        difference=Difference.NOT_LISTED, provider_ref=ours.provider_ref or "", ours=ours
    )


def may_revive(found: Disagreement) -> bool:
    """Whether our row forgot an attempt that the provider made, so that it can be taken up again.

    One that was dropped with its cancellation stays with a person: nothing was to go back.
    """
    ours = found.ours
    return (
        found.difference is Difference.LANDED_UNNOTICED
        and ours is not None
        and ours.state in (RefundState.FAILED, RefundState.OWED)
        and ours.failure != "dropped"
    )


def _elsewhere(theirs: Theirs) -> Difference | None:
    return Difference.MADE_ELSEWHERE if theirs.state in REFUND_ACCEPTED else None


def _difference(theirs: Theirs, ours: Ours) -> Difference | None:
    if _is_another(theirs, ours):
        return Difference.MADE_TWICE if theirs.state in REFUND_ACCEPTED else None
    if theirs.amount != ours.amount:
        return Difference.AMOUNT
    if theirs.state is ours.state:
        return None
    if theirs.state is RefundState.FAILED:
        return Difference.FAILED_UNNOTICED if _is_with_provider(ours) else None
    if theirs.state is RefundState.SUCCEEDED or not _is_with_provider(ours):
        return Difference.LANDED_UNNOTICED
    return Difference.STATE


def _is_another(theirs: Theirs, ours: Ours) -> bool:
    """Whether this isn't the one that our row stands for: an earlier attempt, or paid by hand."""
    if not ours.by_provider or ours.state in (RefundState.PAID_OTHERWISE, RefundState.WAIVED):
        return True
    if ours.provider_ref == theirs.provider_ref:
        return False
    if ours.state in REFUND_ACCEPTED:
        return True
    asks = ours.state is RefundState.REQUESTED
    return asks and theirs.key != refund_key(ours.refund_id, ours.attempt)


def _is_with_provider(ours: Ours) -> bool:
    return ours.state in REFUND_ACCEPTED or ours.state is RefundState.REQUESTED
