"""What comparing one refund with its provider's says, side by side."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.ids import refund_key
from domain.lifecycle import RefundState as S
from domain.money import Money
from domain.reconciliation import Difference, Ours, Theirs, compare, may_revive, ours_of

AT = datetime(2026, 3, 1, tzinfo=UTC)
ID = UUID("0a8de29c-46a5-4b0a-8d2e-6a4ab5f7a111")


def ours(state: S, **known: Any) -> Ours:
    values: dict[str, Any] = {
        "refund_id": ID,
        "subject_id": uuid4(),
        "state": state,
        "amount": Money(minor=500, currency="EUR"),
        "attempt": 2,
        "by_provider": True,
        "provider_ref": "re_2" if state in (S.PENDING, S.SUCCEEDED) else None,
        "payment_ref": "pi_1",
        "failure": None,
        "made_at": AT,
        "touched_at": AT,
    }
    return Ours(**values | known)


def theirs(state: S, **known: Any) -> Theirs:
    values: dict[str, Any] = {
        "provider_ref": "re_2",
        "state": state,
        "amount": Money(minor=500, currency="EUR"),
        "key": refund_key(ID, 2),
        "payment_ref": "pi_1",
        "made_at": AT,
    }
    return Theirs(**values | known)


@pytest.mark.parametrize(
    ("there", "here", "difference"),
    [
        (theirs(S.SUCCEEDED), ours(S.SUCCEEDED), None),
        (theirs(S.FAILED), ours(S.FAILED), None),
        (theirs(S.FAILED), ours(S.OWED), None),
        (theirs(S.FAILED), ours(S.SUCCEEDED), Difference.FAILED_UNNOTICED),
        (theirs(S.FAILED), ours(S.REQUESTED), Difference.FAILED_UNNOTICED),
        (theirs(S.SUCCEEDED), ours(S.PENDING), Difference.LANDED_UNNOTICED),
        (theirs(S.SUCCEEDED), ours(S.REQUESTED), Difference.LANDED_UNNOTICED),
        (theirs(S.PENDING), ours(S.FAILED), Difference.LANDED_UNNOTICED),
        (theirs(S.PENDING), ours(S.SUCCEEDED), Difference.STATE),
        (theirs(S.SUCCEEDED), ours(S.PAID_OTHERWISE), Difference.MADE_TWICE),
        (theirs(S.SUCCEEDED), ours(S.SUCCEEDED, by_provider=False), Difference.MADE_TWICE),
        (theirs(S.FAILED), ours(S.SUCCEEDED, by_provider=False), None),
        (theirs(S.SUCCEEDED, provider_ref="re_1"), ours(S.SUCCEEDED), Difference.MADE_TWICE),
        (theirs(S.FAILED, provider_ref="re_1"), ours(S.SUCCEEDED), None),
        (
            theirs(S.SUCCEEDED, provider_ref="re_1", key=refund_key(ID, 1)),
            ours(S.REQUESTED),
            Difference.MADE_TWICE,
        ),
        (
            theirs(S.SUCCEEDED, amount=Money(minor=50, currency="EUR")),
            ours(S.SUCCEEDED),
            Difference.AMOUNT,
        ),
        (
            theirs(S.SUCCEEDED, amount=Money(minor=500, currency="USD")),
            ours(S.PENDING),
            Difference.AMOUNT,
        ),
        (theirs(S.SUCCEEDED, key=None), None, Difference.MADE_ELSEWHERE),
        (theirs(S.FAILED, key=None), None, None),
    ],
)
def test_each_pair_of_states_has_its_difference(
    there: Theirs, here: Ours | None, difference: Difference | None
) -> None:
    found = compare(there, here)
    assert (found.difference if found else None) is difference


def test_a_row_is_found_by_the_providers_name_and_else_by_our_key() -> None:
    row = ours(S.FAILED)
    assert ours_of(theirs(S.SUCCEEDED), {}, {ID: row}) is row
    assert ours_of(theirs(S.SUCCEEDED, key="shop:7"), {"re_2": row}, {}) is row
    assert ours_of(theirs(S.SUCCEEDED, key="refund:7:1"), {}, {ID: row}) is None


def test_what_was_dropped_with_its_cancellation_is_left_to_a_person() -> None:
    given_up = compare(theirs(S.SUCCEEDED), ours(S.FAILED))
    dropped = compare(theirs(S.SUCCEEDED), ours(S.FAILED, failure="dropped"))
    assert given_up
    assert may_revive(given_up)
    assert dropped
    assert not may_revive(dropped)
