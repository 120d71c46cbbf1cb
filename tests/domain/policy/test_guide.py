"""Every example of the guide, and the answers that it promises."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from domain.decisions import Decision
from domain.facts import Facts
from domain.policy.decide import decide
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from domain.requests import Request
from domain.subjects import Kind, LineKind
from tests.domain.factories import START, a_line, a_request, a_tender, an_appointment, an_order
from use_cases.documents import read_document

GUIDE = Path(__file__).parents[3] / "docs" / "policy-guide.md"
LONGEST = 40
_SUM = re.compile(r"(?:(\d+) x )?(\d+)\.(\d\d) paid")


class Row(NamedTuple):
    policy: str
    asked: str
    answer: str


def _examples() -> Iterator[tuple[str, list[tuple[str, str]]]]:
    for part in GUIDE.read_text(encoding="utf-8").split("```yaml\n")[1:]:
        text, after = part.split("```", 1)
        rows = re.findall(r"^\| (.+?) \| (.+?) \|$", after.split("\n## ")[0], re.MULTILINE)
        yield text, [row for row in rows if row != ("asked", "answer")]


EXAMPLES = {str(read_document(text)["id"]): (text, rows) for text, rows in _examples()}
ROWS = [Row(name, *row) for name, (_, rows) in EXAMPLES.items() for row in rows]


def a_policy_of_the_guide(name: str) -> Policy:
    return parse_policy(
        read_document(EXAMPLES[name][0]), lambda other: read_document(EXAMPLES[other][0])
    )


def test_there_are_ten_of_them_each_short_and_with_answers() -> None:
    assert len(EXAMPLES) == 10
    assert all(text.count("\n") < LONGEST and rows for text, rows in EXAMPLES.values())


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.policy}: {row.asked}")
def test_the_answer_is_what_the_guide_says(row: Row) -> None:
    policy = a_policy_of_the_guide(row.policy)
    decision = decide(policy, _facts(policy, row.asked), _request(row.asked))
    assert _told(decision, row.answer) == row.answer


def _facts(policy: Policy, asked: str) -> Facts:
    given: dict[str, Any] = {"attributes": {}}
    match = _SUM.search(asked)
    count, price = (int(match[1] or 1), int(match[2] + match[3])) if match else (1, 5_000)
    category = re.search(r"category (\w+)", asked)
    for name, value in re.findall(r"attributes\.(\w+) (\d+)", asked):
        given["attributes"][name] = int(value)
    if stage := re.search(r", (open|packed)", asked):
        given["stage"] = stage[1]
    is_order = Kind.APPOINTMENT not in policy.kinds
    kind = LineKind.GOODS if is_order else LineKind.SERVICE
    line = a_line(
        price=price, quantity=count, kind=kind, category=category[1] if category else "usual"
    )
    given["tenders"] = (a_tender(price * count),) if match else ()
    given["currency"] = policy.currency or "EUR"
    return an_order(line, **given) if is_order else an_appointment(line, **given)


def _request(asked: str) -> Request:
    hours = re.search(r"(-?\d+)h before", asked)
    reason = re.search(r"reason (\w+)", asked)
    at = START - timedelta(hours=int(hours[1]) if hours else 200)
    return a_request(requested_at=at, reason=reason[1] if reason else None)


def _told(decision: Decision, like: str) -> str:
    """The decision in the words that the guide uses for such an answer."""
    if like.endswith(" back"):
        assert decision.outcome == "allowed", decision.codes
        return f"{decision.refund_minor // 100}.{decision.refund_minor % 100:02} back"
    if like.startswith("due "):
        return f"due {decision.due_minor // 100}.{decision.due_minor % 100:02}"
    return f"{decision.outcome} {decision.codes[0].code}"
