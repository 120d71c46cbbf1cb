"""Where the money of a cancellation stands."""

import pytest

from domain.lifecycle import RefundState as R
from domain.money_state import MoneyState as M
from domain.money_state import money_state


@pytest.mark.parametrize(
    ("refunds", "state"),
    [
        ([], M.NONE),
        ([R.SUCCEEDED], M.SETTLED),
        ([R.SUCCEEDED, R.WAIVED, R.PAID_OTHERWISE], M.SETTLED),
        ([R.SUCCEEDED, R.PENDING], M.ON_ITS_WAY),
        ([R.REQUESTED], M.ON_ITS_WAY),
        ([R.PENDING, R.OWED], M.OWED),
        ([R.OWED, R.REQUIRES_ACTION], M.REQUIRES_ACTION),
        ([R.REQUIRES_ACTION, R.FAILED, R.SUCCEEDED], M.FAILED),
    ],
)
def test_the_refund_that_needs_most_care_decides(refunds: list[R], state: M) -> None:
    assert money_state(refunds) is state


def test_every_state_of_a_refund_means_something() -> None:
    assert all(money_state([state]) is not M.NONE for state in R)
