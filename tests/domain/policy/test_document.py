from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import PolicyInvalid
from domain.policy.document import Policy, parse_policy
from domain.policy.fees import Fee
from domain.subjects import Stage
from tests.domain.cases import POLICIES, load_policy

LEAST = {"id": "p", "title": "P"}
TIER = {"under": "24h", "fee": "50%"}


@pytest.mark.parametrize(
    ("document", "place"),
    [
        ({"title": "P"}, "id: "),
        ({**LEAST, "windows": []}, "windows: "),
        ({**LEAST, "tiers": [TIER, {"under": "soon", "fee": "1%"}]}, "tiers[1].under: "),
        ({**LEAST, "tiers": [{**TIER, "fee": {"percent": "150%"}}]}, "tiers[0].fee.percent: "),
        ({**LEAST, "fee": "half"}, "fee.percent: "),
        ({**LEAST, "stages": {"packed": "nearly"}}, "stages.packed: "),
        ({**LEAST, "undo": "1d"}, "undo: "),
        ({**LEAST, "approval": {"within": "two hours"}}, "approval.within: "),
        ({**LEAST, "fee": {"fixed_minor": 100}}, "document: "),
        ({**LEAST, "timing": {"card": "5-7 days"}}, "timing.card: "),
    ],
)
def test_an_error_names_its_place_in_the_document(document: dict[str, Any], place: str) -> None:
    with pytest.raises(PolicyInvalid) as error:
        parse_policy(document)
    assert str(error.value).startswith(place)


def test_every_error_is_told_at_once() -> None:
    with pytest.raises(PolicyInvalid, match=r"title: .*; undo: "):
        parse_policy({"id": "p", "undo": "soon"})


def test_percentages_are_read_as_basis_points() -> None:
    policy = parse_policy({**LEAST, "fee": "12.5%"})
    assert policy.fee == Fee(percent=1_250)
    assert parse_policy({**LEAST, "fee": {"percent": "0.05%"}}).fee.percent == 5


def test_a_document_says_what_the_merchants_words_mean() -> None:
    policy = parse_policy({**LEAST, "stages": {"gebucht": "open"}, "undo": "1h"})
    assert (policy.stages["gebucht"], policy.undo) == (Stage.OPEN, timedelta(hours=1))


@pytest.mark.parametrize("name", sorted(path.stem for path in POLICIES.glob("*.yaml")))
def test_a_policy_written_out_reads_the_same(name: str) -> None:
    policy = load_policy(name)
    assert parse_policy(policy.model_dump(mode="json")) == policy


def test_the_shape_is_published_as_a_schema() -> None:
    schema = Policy.model_json_schema()
    assert schema["properties"]["before_start"]["anyOf"]
    assert schema["additionalProperties"] is False


WORDS = st.text(max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*Policy.model_fields, "nonsense"])


@given(st.dictionaries(FIELDS, JSON, max_size=6))
def test_no_document_raises_anything_but_a_located_error(document: dict[str, Any]) -> None:
    assert _problem(document) is None or ": " in str(_problem(document))


def _problem(document: dict[str, Any]) -> PolicyInvalid | None:
    try:
        parse_policy(document)
    except PolicyInvalid as error:
        return error
    return None
