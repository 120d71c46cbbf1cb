"""What a promotion loses when only a part of what it was given for stays."""

from typing import Any

import pytest
from pydantic import ValidationError

from domain.promotions import Promotion, losses
from domain.reports import OrderReport
from domain.subjects import Line, LineKind
from tests.domain.factories import a_line

SHOES = a_line("shoes", 8_000, discount_minor=1_600)
SOCKS = a_line("socks", 500, quantity=4, discount_minor=400)
PARCEL = a_line("ship", 490, kind=LineKind.SHIPPING, discount_minor=490)
LINES = (SHOES, SOCKS, PARCEL)
OFF_SHOES, OFF_SOCKS = (
    {"id": "shoes", "discount_minor": 1_600},
    {"id": "socks", "discount_minor": 400},
)
FROM_100 = {"kind": "threshold_discount", "threshold_minor": 10_000}
FREE_PARCEL = {
    "kind": "free_shipping",
    "lines": [{"id": "ship", "discount_minor": 490}],
    "threshold_minor": 8_000,
}
BOTH = {"kind": "bundle", "lines": [OFF_SHOES, {**OFF_SOCKS, "quantity": 2}]}
FOURTH = {"kind": "buy_n_get_m", "buy": 3, "get": 1, "lines": [OFF_SOCKS]}


def a_promotion(**given: Any) -> Promotion:
    return Promotion.model_validate({"id": "spring", "lines": [OFF_SHOES, OFF_SOCKS], **given})


def lost(promotion: Promotion, gone: dict[str, int], lines: tuple[Line, ...] = LINES) -> int:
    left = {line.id: line.quantity - gone.get(line.id, 0) for line in lines}
    return sum(loss.minor for loss in losses([promotion], lines, left))


@pytest.mark.parametrize(
    ("given", "gone", "minor"),
    [
        pytest.param(FROM_100, {}, 0, id="all of it stays"),
        pytest.param(FROM_100, {"socks": 1}, 1_900, id="below the threshold all that stays loses"),
        pytest.param(FROM_100, {"shoes": 1}, 400, id="what goes takes its own discount along"),
        pytest.param(FROM_100, {"shoes": 1, "socks": 4}, 0, id="nothing stays but shipping"),
        pytest.param(
            {**FROM_100, "threshold_minor": 9_500}, {"socks": 1}, 0, id="exactly on the threshold"
        ),
        pytest.param(
            {**FROM_100, "threshold_minor": 20_000}, {"socks": 1}, 0, id="never was earned"
        ),
        pytest.param({"kind": "percent_off"}, {"socks": 3}, 0, id="a percentage of whatever stays"),
        pytest.param(
            {**FROM_100, "threshold_minor": 1_500, "counts": ["socks"]},
            {"socks": 2},
            1_800,
            id="only the lines that count",
        ),
        pytest.param(FREE_PARCEL, {"shoes": 1}, 490, id="shipping is due again"),
        pytest.param(
            {"kind": "free_shipping", "lines": [], "shipping_minor": 700, "threshold_minor": 8_000},
            {"shoes": 1},
            700,
            id="shipping is due that no line tells of",
        ),
        pytest.param(BOTH, {"socks": 2}, 0, id="the bundle stays"),
        pytest.param(BOTH, {"socks": 3}, 1_700, id="no bundle stays"),
        pytest.param(FOURTH, {"socks": 1}, 300, id="no fourth for three"),
        pytest.param(FOURTH, {"shoes": 1}, 0, id="another line"),
    ],
)
def test_what_is_lost(given: dict[str, Any], gone: dict[str, int], minor: int) -> None:
    assert lost(a_promotion(**given), gone) == minor


def test_a_threshold_counts_prices_before_this_promotion_and_after_others() -> None:
    lines = (a_line("shoes", 8_000, discount_minor=2_000), SOCKS)
    sale = {"threshold_minor": 9_200, "lines": [{"id": "shoes", "discount_minor": 1_600}]}
    promotion = a_promotion(kind="threshold_discount", **sale)
    assert lost(promotion, {}, lines) == 0
    assert lost(promotion, {"socks": 1}, lines) == 1_600


@pytest.mark.parametrize(
    "given",
    [
        {"kind": "buy_n_get_m", "buy": 2},
        {"kind": "bundle", "buy": 2, "get": 1},
        {"kind": "bundle", "shipping_minor": 100},
        {"kind": "bundle", "lines": []},
        {"kind": "bundle", "lines": [OFF_SHOES, OFF_SHOES]},
    ],
)
def test_a_promotion_that_contradicts_itself_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_promotion(**given)


def report(**given: Any) -> OrderReport:
    lines = [
        {"id": "shoes", "unit_price_minor": 8_000, "discount_minor": 1_600},
        {"unit_price_minor": 500, "quantity": 4, "discount_minor": 400},
    ]
    return OrderReport.model_validate({"stage": "open", "currency": "EUR", "lines": lines, **given})


def test_a_report_tells_promotions_of_its_lines_by_their_ids_or_places() -> None:
    told = {"id": "p", **FROM_100, "lines": [OFF_SHOES, {**OFF_SOCKS, "id": "2"}]}
    assert report(promotions=[told]).promotions[0].lines[1].discount_minor == 400


@pytest.mark.parametrize(
    "lines", [[{"id": "socks"}], [{"id": "2", "discount_minor": 401}]], ids=["unknown", "too much"]
)
def test_a_promotion_of_what_isnt_there_or_beyond_the_discount_is_refused(lines: Any) -> None:
    with pytest.raises(ValidationError):
        report(promotions=[{"id": "p", **FROM_100, "lines": lines}])
    with pytest.raises(ValidationError):
        report(promotions=[{"id": "p", **FROM_100, "lines": [OFF_SHOES]}] * 2)
