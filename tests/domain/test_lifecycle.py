"""The tables of moves: what comes to rest stays, and everything can come to rest."""

from collections.abc import Mapping
from typing import Any

import pytest

from domain.lifecycle import (
    CANCELLATION_AT_REST,
    CANCELLATION_MOVES,
    REFUND_ACCEPTED,
    REFUND_AT_REST,
    REFUND_MOVES,
    SUBJECT_MOVES,
    CancellationState,
    RefundState,
    SubjectState,
)

TABLES = [
    (SUBJECT_MOVES, SubjectState, {SubjectState.CANCELLED}),
    (CANCELLATION_MOVES, CancellationState, CANCELLATION_AT_REST),
    (REFUND_MOVES, RefundState, REFUND_AT_REST),
]
Table = Mapping[Any, frozenset[Any]]


@pytest.mark.parametrize(("moves", "states", "rest"), TABLES)
def test_every_state_has_its_moves(moves: Table, states: Any, rest: Any) -> None:
    assert set(moves) == set(states)


@pytest.mark.parametrize(("moves", "states", "rest"), TABLES)
def test_rest_can_be_reached_from_everywhere(moves: Table, states: Any, rest: Any) -> None:
    for state in states:
        assert reachable(moves, state) & rest or state in rest


def reachable(moves: Table, start: Any) -> set[Any]:
    found: set[Any] = set()
    ahead = set(moves[start])
    while ahead:
        found |= ahead
        ahead = {state for each in ahead for state in moves[each]} - found
    return found


def test_what_is_at_rest_stays_there() -> None:
    assert SUBJECT_MOVES[SubjectState.CANCELLED] == frozenset()
    assert all(CANCELLATION_MOVES[state] == frozenset() for state in CANCELLATION_AT_REST)


def test_only_a_refund_that_succeeded_can_leave_its_rest_and_only_by_failing() -> None:
    leaving = {state: REFUND_MOVES[state] for state in REFUND_AT_REST if REFUND_MOVES[state]}
    assert leaving == {RefundState.SUCCEEDED: frozenset({RefundState.FAILED})}


def test_an_accepted_refund_is_never_dropped_as_if_it_had_not_been() -> None:
    for state in REFUND_ACCEPTED:
        assert not REFUND_MOVES[state] & {RefundState.OWED, RefundState.REQUESTED}
