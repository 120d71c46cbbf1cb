"""Partial cancellations one after another: lines, payments, tax and shipping are exact."""

from collections import Counter
from collections.abc import Iterator
from random import Random

import pytest

from domain.decisions import Decision, Outcome
from domain.facts import Facts
from domain.policy.decide import decide
from domain.policy.policy import Policy
from tests.domain.factories import NOW, a_request
from tests.domain.policy.shopping import CURRENCIES, a_part, a_policy_for, an_order_of
from tests.domain.policy.test_charges import cancelled


def in_parts(r: Random, policy: Policy, facts: Facts) -> Iterator[tuple[Facts, Decision]]:
    """Cancel piece by piece until nothing is left, the payment named anew each time by chance."""
    for _ in range(r.randint(0, 3)):
        request = a_part(r, facts)
        if request.lines:
            decision = decide(policy, facts, request)
            yield facts, decision
            facts = cancelled(facts, decision)
    if any(line.quantity_open for line in facts.lines):
        yield facts, decide(policy, facts, a_request(requested_at=NOW))


def check_sound(facts: Facts, decision: Decision) -> None:
    """What holds of each part of an order paid in full."""
    assert decision.outcome is Outcome.ALLOWED
    held = {tender.id: tender.refundable_minor for tender in facts.tenders}
    bought = {line.id: line for line in facts.lines}
    assert decision.refund_minor == sum(line.refund_minor for line in decision.lines)
    assert decision.refund_minor == sum(back.amount_minor for back in decision.tenders)
    assert all(0 < back.amount_minor <= held[back.id] for back in decision.tenders)
    for line in decision.lines:
        adjusted = sum(each.amount_minor for each in line.adjustments)
        if all(each.fee_minor <= each.price_minor for each in decision.lines):
            assert line.refund_minor == line.price_minor - line.fee_minor + adjusted
        assert 0 <= line.tax_minor <= line.refund_minor
        assert line.tax_minor <= bought[line.id].taxes_minor


def check_sequence(seed: int) -> bool:
    """Whether the parts came to exactly the whole. They do, unless a part alone is worth more by
    the policy's own words: then to that."""
    r = Random(seed)
    currency = r.choice(CURRENCIES)
    policy, facts = a_policy_for(r, currency), an_order_of(r, currency)
    whole = decide(policy, facts, a_request(requested_at=NOW))
    back, tax, by_tender, gone = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    alone = []
    for before, part in in_parts(r, policy, facts):
        check_sound(before, part)
        for line in part.lines:
            back[line.id] += line.refund_minor
            tax[line.id] += line.tax_minor
            gone[line.id] += line.quantity
        by_tender.update({tender.id: tender.amount_minor for tender in part.tenders})
        alone.append(decide(policy, facts, a_request(*gone.items())).refund_minor)
    for bought in facts.lines:
        assert tax[bought.id] == bought.tax_of(0, back[bought.id])
    assert back.total() == max(alone)
    assert alone[-1] == whole.refund_minor
    if back.total() != whole.refund_minor:
        return False
    assert by_tender == {tender.id: tender.amount_minor for tender in whole.tenders}
    return True


def test_parts_add_up_to_the_whole_over_lines_payments_and_tax() -> None:
    found = Counter(check_sequence(seed) for seed in range(300))
    assert found[True] > 240


@pytest.mark.slow
def test_ten_thousand_sequences_of_parts_add_up() -> None:
    assert Counter(check_sequence(seed) for seed in range(10_000)).total() == 10_000


@pytest.mark.parametrize("currency", CURRENCIES)
def test_where_each_price_is_charged_by_itself_no_part_is_worth_more_than_the_whole(
    currency: str,
) -> None:
    """Promotions lower what a part gives, and the rest gives it back: never worse than all."""
    for seed in range(60):
        r = Random(seed)
        policy, facts = a_policy_for(r, currency, is_even=True), an_order_of(r, currency)
        whole = decide(policy, facts, a_request(requested_at=NOW))
        parts = [part for _, part in in_parts(r, policy, facts)]
        assert all(part.refund_minor <= whole.refund_minor for part in parts)
        assert sum(part.refund_minor for part in parts) == whole.refund_minor
        by_tender = Counter[str]()
        for part in parts:
            by_tender.update({tender.id: tender.amount_minor for tender in part.tenders})
        assert by_tender == {tender.id: tender.amount_minor for tender in whole.tenders}
