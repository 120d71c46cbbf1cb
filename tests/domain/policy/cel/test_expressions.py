import resource
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.policy.cel.expressions import (
    Expression,
    ExpressionFailed,
    ResultType,
    VariableType,
    compile_expression,
)

VARIABLES = {
    "price": VariableType.NUMBER,
    "notice_hours": VariableType.NUMBER,
    "attributes.guests": VariableType.NUMBER,
    "attributes.tier": VariableType.TEXT,
    "attributes.extras": VariableType.ANY,
    "settings.tiers": VariableType.LIST,
    "is_member": VariableType.BOOLEAN,
    "starts_at": VariableType.INSTANT,
}
VALUES: dict[str, Any] = {
    "price": 4500,
    "notice_hours": 47.5,
    "attributes.guests": 9,
    "attributes.tier": "gold",
    "attributes.extras": {"beds": 1, "note": None},
    "settings.tiers": [{"hours": 24, "percent": 100}, {"hours": 48, "percent": 50}],
    "is_member": True,
    "starts_at": datetime(2026, 5, 1, 10, tzinfo=UTC),
}


def a_condition(text: str) -> Expression:
    return compile_expression(text, VARIABLES, ResultType.BOOLEAN)


def an_amount(text: str) -> Expression:
    return compile_expression(text, VARIABLES, ResultType.AMOUNT)


@contextmanager
def little_work(seconds: float = 30, megabytes: int = 150) -> Iterator[None]:
    """Guards against hanging and hoarding; a few milliseconds are usual."""
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    yield
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert time.process_time() - started < seconds
    assert grown < megabytes * 1024


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("attributes.guests > 8", True),
        ("attributes.guests in [9, 10]", True),
        ("attributes.guests == 9.0 && attributes.guests != 8", True),
        ("settings.tiers.exists(tier, notice_hours < tier.hours)", True),
        ("settings.tiers.all(tier, notice_hours < tier.hours)", False),
        ("size(settings.tiers.map(tier, tier.percent)) == 2", True),
        ("has(attributes.extras.cots)", False),
        ("attributes.extras.note == null", True),
        ("attributes.tier.matches('^go+ld$') && attributes.tier.startsWith('go')", True),
        ("starts_at > timestamp('2026-04-30T10:00:00Z') + duration('23h')", True),
        ("(starts_at - timestamp('2026-04-30T10:00:00Z')).getHours() == 24", True),
        ("int(attributes.guests) % 2 == 1", True),
        ("7 / 2 == 3.5 && math.round(-2.5) == -3", True),
        ("settings.tiers[0].hours == 24", True),
    ],
)
def test_a_condition_is_answered(text: str, answer: bool) -> None:
    assert a_condition(text).evaluate(VALUES) is answer


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("price * 15 / 100", 675),
        ("price * 0.07", 315),
        ("math.floor(price / 7)", 642),
        ("is_member ? price * 0.5 : 0", 2250),
        ("price * settings.tiers.filter(t, notice_hours < t.hours)[0].percent / 100", 2250),
        ("math.least(price, 500 * attributes.guests, 4000)", 4000),
        ("price / attributes.guests", 500),
        ("{'gold': 0, 'silver': 1000}[attributes.tier]", 0),
        ("size(settings.tiers)", 2),
    ],
)
def test_an_amount_is_a_whole_number(text: str, amount: int) -> None:
    found = an_amount(text).evaluate(VALUES)
    assert (found, type(found)) == (amount, int)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "attributes.gests > 8",
            "no 'attributes.gests' (column 1). Did you mean 'attributes.guests'",
        ),
        ("price > 1 ||\n  attributes.typo == 1", "no 'attributes.typo' (line 2, column 3)"),
        ("now > starts_at", "no 'now' (column 1)"),
        ("price * 2 + 3 > 'a'", "'>' doesn't take a number and text (column 15)"),
        ("price +", "ends too early (column 8)"),
        ("price = 3", "Syntax error"),
        ("sze(settings.tiers) > 1", "no function 'sze'. Did you mean 'size'?"),
        ("math.sqrt(price) > 1", "no function 'math.sqrt'"),
        ("string(price) == '1'", "no function 'string'"),
        ("price", "gives a number, and boolean is wanted"),
        ("has(attributes.guests)", "needs no has()"),
        ("price.cents > 1", "column 6"),
        ("price % 2 == 0", "use int(...)"),
        ("size(settings.tiers) * price > 1", "use double(...)"),
        ("attributes.tier + 'x' == 'goldx'", "'+' doesn't take text and text"),
        ("attributes.tier.matches('(')", "'(' isn't a valid pattern (column 24)"),
        ("attributes.tier.matches(attributes.tier)", "written out"),
        ("starts_at > timestamp('2026-05-01')", "isn't a valid instant"),
        ("duration('2 days') > duration('1h')", "isn't a valid duration"),
        (
            "price / (price - price) > 1",
            "Only a number variable or a number other than 0 divides (column",
        ),
        ("price / 0 > 1", "Only a number variable or a number other than 0 divides (column 9)"),
        ("double(attributes.extras) > 1", "takes a count"),
        ("settings.tiers.exists(price, price > 1)", "a known name"),
        ("1u == 1u", "Unsigned"),
        ("google.protobuf.Struct{} == {}", "can't be made"),
        ("1e999 > price", "too large"),
        ("", "empty"),
        ("'\ud800' == attributes.tier", "half a letter"),
        ("\x00", "control"),
    ],
)
def test_what_cannot_be_right_is_refused_when_it_is_saved(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=".") as refused:
        a_condition(text)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("text", ["'a'", "true", "starts_at", "settings.tiers", "null"])
def test_a_result_that_is_no_amount_is_refused_when_it_is_saved(text: str) -> None:
    with pytest.raises(ValueError, match="amount is wanted"):
        an_amount(text)


@pytest.mark.parametrize(
    "text",
    [
        "attributes.extras.cots > 1",
        "attributes.extras.note > 1",
        "!(attributes.extras.cots > 1)",
        "attributes.extras",
        "attributes.extras.beds",
        "attributes.extras.beds ? true : true",
        "settings.tiers[5].hours > 1",
        "settings.tiers[0].hours == 24 && settings.tiers[0].fee == 1",
        "settings.tiers.exists(t, t.fee > 1)",
        "attributes.extras.matches('a')",
        "1 % int(price - 4500) == 1",
        "int(price)" + " * int(price)" * 5 + " > 0",
        "timestamp(attributes.tier) > starts_at",
    ],
)
def test_an_error_is_never_an_answer(text: str) -> None:
    with pytest.raises(ExpressionFailed):
        a_condition(text).evaluate(VALUES)


@pytest.mark.parametrize("text", ["price / 7", "price - 4501", "attributes.extras", "price * 1e15"])
def test_an_amount_that_is_not_whole_or_below_zero_or_huge_is_no_amount(text: str) -> None:
    with pytest.raises(ExpressionFailed):
        an_amount(text).evaluate(VALUES)


@pytest.mark.parametrize("values", [{}, {"price": None}])
def test_a_missing_value_is_named_even_where_the_answer_is_clear(values: dict[str, Any]) -> None:
    with pytest.raises(ExpressionFailed) as failed:
        a_condition("true || price > 1").evaluate(values)
    assert failed.value.missing == "price"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("price", "4500"),
        ("price", True),
        ("price", float("nan")),
        ("price", float("inf")),
        ("price", Decimal("NaN")),
        ("price", 2**53 + 1),
        ("price", 10**400),
        ("price", Fraction(10**400)),
        ("attributes.tier", 1),
        ("attributes.tier", "\ud800"),
        ("attributes.tier", "x" * 1_000_000),
        ("starts_at", datetime(2026, 5, 1)),  # noqa: DTZ001
        ("settings.tiers", {"a": 1}),
        ("settings.tiers", [object()]),
        ("settings.tiers", [1] * 100_000),
        ("attributes.extras", {1: 2}),
        ("attributes.extras", datetime(2026, 5, 1, tzinfo=UTC)),
    ],
)
def test_a_value_of_another_kind_fails(name: str, value: object) -> None:
    with pytest.raises(ExpressionFailed):
        a_condition(f"{name} == {name}").evaluate({name: value})


def test_a_list_that_holds_itself_fails() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(ExpressionFailed):
        a_condition("size(settings.tiers) > 0").evaluate({"settings.tiers": endless})


def test_dividing_by_a_variable_that_is_zero_fails() -> None:
    with pytest.raises(ExpressionFailed):
        a_condition("price / attributes.guests > 1").evaluate(VALUES | {"attributes.guests": 0})


@pytest.mark.parametrize("price", [9, 9.0, Decimal(9), Fraction(9)])
def test_a_number_counts_the_same_however_it_is_held(price: Any) -> None:
    found = compile_expression("price / 2", VARIABLES, ResultType.NUMBER)
    assert found.evaluate({"price": price}) == 4.5


def test_the_names_are_those_the_text_reads() -> None:
    found = a_condition("settings.tiers.exists(t, t.price > price) || attributes.extras.a.b == 1")
    assert found.names == {"settings.tiers", "price", "attributes.extras"}


def test_the_same_text_is_compiled_once_and_may_be_a_key() -> None:
    assert a_condition("price > 1") is a_condition("price > 1")
    assert {a_condition("price > 1"): 1}[a_condition("price > 1")] == 1


def test_threads_share_expressions() -> None:
    def count(thread: int) -> int:
        texts = [f"settings.tiers.exists(t, t * 2 == price) || {n} > 50" for n in range(100)]
        values = {"settings.tiers": list(range(thread, 60)), "price": 20}
        return sum(a_condition(text).evaluate(values) is True for text in texts)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(count, range(16))) == [100] * 11 + [49] * 5


HOSTILE = [
    "[settings.tiers]" + ".map(x, [x, x])" * 6 + " == [[]]",
    "[1]" + ".map(x, {x: x})" * 40 + ".size() == 1",
    "[attributes.extras]" + ".map(x, x + x)" * 6 + "[0] == attributes.extras",
    "(" + " + ".join(["settings.tiers"] * 20) + ").map(x, [x]).map(x, x).size() == 1",
    "settings.tiers.map(x, settings.tiers).map(y, settings.tiers) == settings.tiers",
    "settings.tiers.map(x, settings.tiers.map(y, settings.tiers)).size() > 1",
    "settings.tiers.map(x, x * x * x).size() > 1",
    "settings.tiers.exists(x, settings.tiers.exists(y, x == y + 0.5))",
    "settings.tiers.exists(x, settings.tiers.exists(y, settings.tiers.exists(z, x > y + z)))",
    r"settings.tiers.exists(x, attributes.tier.matches('(\\pL{7}){7}b'))",
    r"attributes.tier.matches('(\\pL{7}){7}b')",
    "attributes.tier.matches('((x{30}){30}){30}')",
    "attributes.tier.matches('(x+x+)+y')",
    "settings.tiers.all(x, attributes.tier.contains('" + "x" * 50 + "y'))",
    "settings.tiers.all(x, " + " && ".join(["x < 1e9"] * 60) + ")",
    "price" + " * price" * 28 + " > 1",
    "[price]" + ".map(x, x * x)" * 6 + "[0] > 1",
    "price" + "[0]" * 500 + " == 1",
    "(" * 900 + "1" + ")" * 900 + " == 1",
    "!" * 1900 + "true",
    "-" * 1900 + "1 == 1",
    " || ".join(["true"] * 240),
    "1" + " + 1" * 450 + " == 1",
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("many", [20, 600, 4_900])
def test_no_expression_takes_much_time_or_memory(text: str, many: int) -> None:
    large = {
        "price": 2**53,
        "attributes.tier": "x" * 50_000,
        "attributes.extras": "x" * 10_000,
        "settings.tiers": list(range(many)),
    }
    with little_work(), suppress(ValueError, ExpressionFailed):
        assert a_condition(text).evaluate(large) in (True, False)


ATOMS = st.sampled_from(
    [
        *VARIABLES,
        "x",
        "1",
        "0",
        "2.5",
        "-1",
        "1e308",
        "'a'",
        "''",
        "true",
        "null",
        "[]",
        "[1,2]",
        "{'a':1}",
        "1u",
        "b''",
        "timestamp('2026-01-01T00:00:00Z')",
        "duration('1h')",
        "attributes",
        "now",
    ]
)
SHAPES = st.sampled_from(
    [
        "({} + {})",
        "({} - {})",
        "({} * {})",
        "({} / {})",
        "({} % {})",
        "({} == {})",
        "({} < {})",
        "({} && {})",
        "({} || {})",
        "({} in {})",
        "({} ? {} : 1)",
        "{}[{}]",
        "[{}, {}]",
        "{{{}: {}}}",
        "{}.map(x, {})",
        "{}.filter(x, {})",
        "{}.exists(x, {})",
        "{}.exists_one(x, {})",
        "{}.all(x, {})",
        "{}.contains({})",
        "{}.matches({})",
        "math.least({}, {})",
        "math.round({}) - {}",
        "size({}) > {}",
        "int({}) + {}",
        "double({}) / {}",
        "has({}.a) == {}",
        "-{} * {}",
        "!{} || {}",
    ]
)
WRITTEN = st.recursive(ATOMS, lambda part: st.builds(str.format, SHAPES, part, part), max_leaves=25)
SUMS = st.recursive(
    st.sampled_from(
        ["price", "notice_hours", "2.5", "7", "attributes.extras", "settings.tiers[0]"]
    ),
    lambda part: st.builds(
        str.format,
        st.sampled_from(
            [
                "({} + {})",
                "({} - {})",
                "({} * {})",
                "{} / price - {}",
                "math.least({}, {})",
                "({} > {} ? 1 : 2)",
                "settings.tiers.filter(x, x > {})[0] * {}",
                "settings.tiers.map(x, x + {})[0] / 3 + {}",
            ]
        ),
        part,
        part,
    ),
    max_leaves=12,
)
SENSIBLE = SUMS | st.builds("{} < {} || {} == {}".format, SUMS, SUMS, SUMS, SUMS)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
ANYTHING = st.fixed_dictionaries({name: JSON | st.just(VALUES[name]) for name in VARIABLES})
NUMBERS = VALUES | {"attributes.extras": 0.1, "settings.tiers": [1, 2.5, -3, 10**15]}
KINDS = st.sampled_from([VARIABLES, dict.fromkeys(VARIABLES, VariableType.ANY)])


@given(
    text=WRITTEN | SENSIBLE | st.text(max_size=60),
    kinds=KINDS,
    result=st.sampled_from(ResultType),
    values=ANYTHING | st.just(NUMBERS),
)
@settings(max_examples=600, deadline=None)
def test_whatever_is_written_is_answered_refused_or_failed(
    text: str, kinds: dict[str, VariableType], result: ResultType, values: dict[str, Any]
) -> None:
    wanted = {ResultType.BOOLEAN: bool, ResultType.AMOUNT: int, ResultType.NUMBER: int | float}
    with little_work(), suppress(ValueError, ExpressionFailed):
        found = compile_expression(text, kinds, result).evaluate(values)
        assert isinstance(found, wanted[result])
        assert abs(found) <= 2**53
