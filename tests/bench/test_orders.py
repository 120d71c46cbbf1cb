"""The bench reads amounts exactly, and only where its data is there does it read any."""

import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from bench.measure import percentile
from bench.orders import minor, read

SHARED = Path(os.environ.get("RESCIND_SHARED", Path(__file__).parents[3] / "shared"))
ORDERS = SHARED / "data" / "retail_orders.ndjson.gz"
CASES = SHARED / "policies" / "retail_cases.jsonl.gz"


def test_dollars_become_cents_exactly() -> None:
    assert minor(Decimal("2025.51")) == 202_551
    assert minor(Decimal("17.0")) == 1_700
    with pytest.raises(ValueError, match="no whole number of cents"):
        minor(Decimal("0.105"))


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([3.0, 1.0, 2.0, 4.0], 0.5) == 2.0
    assert percentile([float(value) for value in range(1, 101)], 0.99) == 99.0
    assert percentile([7.0], 0.99) == 7.0


@pytest.mark.skipif(not ORDERS.exists(), reason="needs retail_orders.ndjson.gz in $RESCIND_SHARED")
def test_every_order_comes_once_for_each_reason_with_payments_of_its_own() -> None:
    retail = read(ORDERS, CASES)
    assert (len(retail.asks), len(retail.eligible), len(retail.refused)) == (3_000, 846, 2_154)
    records = [record for copy in retail.copies for record in copy]
    payments = Counter(tender["payment_ref"] for one in records for tender in one["tenders"])
    assert max(payments.values()) == 1
    gone = [one for one in records if one["cancelled_elsewhere"]]
    assert len(gone) == 3 * 102
    for one in gone:
        for tender in one["tenders"]:
            assert tender["returned_elsewhere_minor"] == tender["captured_minor"]
    for one in records:
        priced = sum(line["unit_price_minor"] for line in one["lines"])
        assert priced == sum(tender["captured_minor"] for tender in one["tenders"])
