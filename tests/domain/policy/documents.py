"""Policies and orders made up at random."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from domain.facts import Facts
from domain.requests import Request
from domain.subjects import Line, LineKind, Tender
from tests.domain.factories import START, a_line, a_request, a_tender, an_order

KINDS = st.sampled_from([LineKind.GOODS, LineKind.SERVICE, LineKind.SHIPPING, LineKind.FEE])
PRICES = st.integers(0, 5_000)
ROUNDINGS = st.sampled_from(["down", "up", "half_up", "half_even"]) | st.just(
    {"way": "up", "to": "0.50 EUR"}
)
ZONES = st.sampled_from(
    ["Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "America/St_Johns", "Australia/Lord_Howe"]
)
STARTS = st.sampled_from(
    [START, datetime(2026, 3, 29, 10, tzinfo=UTC), datetime(2026, 10, 25, 10, tzinfo=UTC)]
)
"""Two of them on days when clocks change."""

PARTS = st.integers(0, 1_000).map(lambda tenths: f"{tenths / 10}%")
SUMS = st.integers(0, 2_000).map(lambda cents: f"{cents / 100:.2f} EUR")
AMOUNTS = PARTS | SUMS | st.sampled_from(["1/3", "nothing", "everything"])
BASES = st.sampled_from(["price", "paid", "total", {"first": 1}, {"tenders": ["gift_card"]}])
NOTICES = st.sampled_from(["2h", "24h", "2d", "1w", "1d 18:00", "2bd", "1mo", "fri 12:00"])
SINCE = st.sampled_from(["36h", "3d", "1bd", "3bd", "0d", "1d 12:00"])
LINE_TESTS: st.SearchStrategy[dict[str, Any]] = st.sampled_from(
    [{"line.category": "kept"}, {"line.kind": ["goods", "service"]}, {"line.quantity": {"over": 1}}]
)
CLOCKS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    NOTICES.map(lambda span: {"notice": {"under": span}}),
    NOTICES.map(lambda span: {"notice": {"at_most": span}}),
    SINCE.map(lambda span: {"since.placed": {"over": span}}),
    SINCE.map(lambda span: {"since.placed": {"at_least": span}}),
    st.integers(1, 9).map(lambda day: {"now": {"at_least": f"2026-05-0{day}"}}),
    st.integers(1, 9).map(lambda day: {"now": {"over": f"2026-05-0{day}T12:00:00+02:00"}}),
    st.just({"start.weekday": ["sat", "sun"]}),
)


@st.composite
def charges(draw: st.DrawFn) -> dict[str, Any]:
    """One amount, with whatever bounds it."""
    charge: dict[str, Any] = {draw(st.sampled_from(["keep", "return"])): draw(AMOUNTS)}
    if draw(st.booleans()):
        charge["of"] = draw(BASES)
    for word, values in (("at_least", SUMS), ("at_most", SUMS | PARTS), ("rounding", ROUNDINGS)):
        if not draw(st.integers(0, 3)):
            charge[word] = draw(values)
    if not draw(st.integers(0, 3)):
        charge["per"] = draw(st.sampled_from(["unit", "line"]))
    return charge


@st.composite
def combined(draw: st.DrawFn) -> dict[str, Any]:
    """Charges alone or together."""
    word = draw(st.sampled_from(["alone", "sum", "best", "most", "first"]))
    if word == "alone":
        return draw(charges())
    several = draw(st.lists(charges(), min_size=1, max_size=3))
    return {"keep": {word: [{**each, "when": draw(LINE_TESTS)} for each in several]}}


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Rules by the clock and by line, the last of which fits always."""
    rules = []
    for _ in range(draw(st.integers(0, 3))):
        when = draw(CLOCKS)
        if not draw(st.integers(0, 2)):
            when = {**when, **draw(LINE_TESTS)}
        rules.append({"when": when, **draw(combined())})
    return {"rules": [*rules, draw(combined())], "rounding": draw(ROUNDINGS)}


@st.composite
def orders(draw: st.DrawFn, *, is_paid: bool) -> Facts:
    count = draw(st.integers(1, 4))
    lines = [draw(line(f"l{place}")) for place in range(count)]
    total = sum(each.total_minor for each in lines)
    paid = total if is_paid else draw(st.integers(0, total + 100))
    return an_order(
        *lines,
        starts_at=draw(STARTS),
        zone=draw(ZONES),
        tenders=draw(payments(paid, clean=is_paid)),
    )


@st.composite
def line(draw: st.DrawFn, name: str) -> Line:
    quantity, price = draw(st.integers(1, 4)), draw(PRICES)
    return a_line(
        name,
        price,
        kind=draw(KINDS),
        quantity=quantity,
        discount_minor=draw(st.integers(0, price * quantity)),
        tax_minor=draw(st.integers(0, 300)),
        category=draw(st.sampled_from(["", "kept"])),
    )


@st.composite
def payments(draw: st.DrawFn, paid: int, *, clean: bool) -> tuple[Tender, ...]:
    first = draw(st.integers(0, paid))
    gone = 0 if clean else draw(st.integers(0, first))
    return (a_tender(first, returned_elsewhere_minor=gone), a_tender(paid - first, "gift_card"))


@st.composite
def instants(draw: st.DrawFn, facts: Facts) -> datetime:
    """Some moment of the last twenty days before the start."""
    assert isinstance(facts.starts_at, datetime)
    return facts.starts_at - timedelta(minutes=draw(st.integers(0, 20 * 24 * 60)))


def some_of(data: st.DataObject, facts: Facts, at: datetime) -> Request:
    """Ask for a part of what is still open, everything at the least often."""
    counts = [(each.id, data.draw(st.integers(0, each.quantity_open))) for each in facts.lines]
    asked = [(name, count) for name, count in counts if count]
    return a_request(*asked, requested_at=at)
