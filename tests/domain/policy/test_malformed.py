"""However malformed a document is, it is read, or refused with each place that is wrong."""

import json
import time
from copy import deepcopy
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from domain.decisions import Decision
from domain.errors import PolicyInvalid
from domain.policy.decide import decide
from domain.policy.document import Document
from domain.policy.horizon import windows
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from domain.policy.vocabulary import NAMES
from tests.domain.cases import POLICIES, load_policy
from tests.domain.factories import NOW, a_request, an_appointment, an_order

QUICK = 30
"""Seconds of our own computing, whatever else the machine does."""

GOOD = [
    load_policy(path.stem).document.model_dump(mode="json", by_alias=True, exclude_none=True)
    for path in sorted(POLICIES.glob("*.yaml"))
]
WORDS = st.text(max_size=8) | st.sampled_from(
    [*NAMES, "any", "all", "not", "cel", "keep", "return", "sum", "table", "under", "over",
     "24h", "1d 18:00", "50%", "1/0", "9999999999.99 EUR", "2026-02-30", "0001-01-01",
     "settings.x", "since.placed", "since.since.placed", "start.weekday", "٣d", "５０%", "½",
     "1e999%", "-1%", "0x10", "\u202e50%", "\ud800", "\0", "a" * 300, "9" * 5_000, "[" * 2_000]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([10**400, -(10**400), 2**63, 1e308])
    | WORDS
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.sampled_from([*Document.model_fields, "nonsense"])


def read(document: dict[str, Any]) -> Policy | None:
    """Read it, or see that it is refused as it should be; quickly either way."""
    begun = time.process_time()
    found = _read(document)
    assert time.process_time() - begun < QUICK
    if isinstance(found, Policy):
        return found
    assert found.problems
    assert all(place and text for place, text in found.problems)
    return None


def _read(document: dict[str, Any]) -> Policy | PolicyInvalid:
    try:
        return parse_policy(document)
    except PolicyInvalid as error:
        return error


@given(st.dictionaries(FIELDS, JSON, max_size=6))
@example({"rules": [{"when": {"any": [{"not": {"cel": "[" * 5_000}}]}, "keep": "1/0"}]})
def test_made_up_documents(document: dict[str, Any]) -> None:
    read({"id": "p", "title": "P", **document})
    read(document)


@st.composite
def spoilt(draw: st.DrawFn) -> dict[str, Any]:
    """A good document with some of its parts replaced, dropped, doubled or swapped."""
    document: dict[str, Any] = deepcopy(draw(st.sampled_from(GOOD)))
    for _ in range(draw(st.integers(1, 3))):
        _spoil(draw, document)
    return document


def _spoil(draw: st.DrawFn, document: Any) -> None:
    part, key = _somewhere(draw, document)
    match draw(st.sampled_from(["replace", "replace", "drop", "wrap", "borrow"])):
        case "replace":
            part[key] = draw(JSON)
        case "drop":
            del part[key]
        case "wrap":
            part[key] = draw(st.sampled_from([[part[key]], {"not": part[key]}, [part[key]] * 2]))
        case "borrow":
            other, there = _somewhere(draw, draw(st.sampled_from(GOOD)))
            part[key] = deepcopy(other[there])


def _somewhere(draw: st.DrawFn, document: Any) -> tuple[Any, Any]:
    """A place in a document, as what holds it and its key there."""
    part = document
    while True:
        key = draw(st.sampled_from([*part] if isinstance(part, dict) else range(len(part))))
        inner = part[key]
        if not isinstance(inner, (dict, list)) or not inner or not draw(st.integers(0, 3)):
            return part, key
        part = inner


@settings(max_examples=150)
@given(spoilt())
def test_good_documents_that_were_spoilt(document: dict[str, Any]) -> None:
    policy = read(document)
    if policy is not None:
        assert_usable(policy)


def assert_usable(policy: Policy) -> None:
    """What was read reads the same again, and decides whatever it is asked."""
    document = policy.document.model_dump(mode="json", by_alias=True, exclude_none=True)
    assert parse_policy(json.loads(json.dumps(document))) == policy
    for facts in (an_order(), an_appointment(), an_order(placed_at=None, tenders=(), stage="x")):
        decision = decide(policy, facts, a_request())
        assert Decision.model_validate_json(decision.model_dump_json()) == decision
        windows(policy, facts, NOW)


@given(st.integers(9, 400), st.sampled_from(["any", "not", "sum", "floor", "list"]))
def test_deep_nesting(depth: int, shape: str) -> None:
    inner: Any = {"keep": "1%"} if shape in ("sum", "floor") else {"reason": "a"}
    for _ in range(depth):
        match shape:
            case "any":
                inner = {"any": [inner]}
            case "not":
                inner = {"not": inner}
            case "sum":
                inner = {"keep": {"sum": [inner]}}
            case "floor":
                inner = {"keep": "1%", "at_least": inner}
            case "list":
                inner = [inner]
    rule = inner if shape in ("sum", "floor") else {"when": {"any": [inner]}, "keep": "1%"}
    assert read({"id": "p", "title": "P", "rules": [rule]}) is None


def test_as_many_rules_as_are_allowed_are_read_quickly() -> None:
    tests = {"any": [{"notice": {"under": f"{hours}h"}} for hours in range(50)]}
    rules = [{"when": tests, "keep": "1%"}] * 200
    assert read({"id": "p", "title": "P", "rules": rules}) is None
    assert read({"id": "p", "title": "P", "rules": rules[:50]}) is not None
