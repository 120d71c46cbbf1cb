"""What becomes of the goods: the contract says, staff may say otherwise; the law asks nobody."""

from datetime import timedelta
from typing import Any

import pytest

from domain.decisions import Decision, IfSilent, WarehouseTerms
from domain.policy.amounts import with_refund
from domain.policy.reading.policies import parse_policy
from domain.policy.rights.best import decide_best
from domain.policy.rights.grounds import Law, Rights
from domain.requests import Initiator, Overrides, Request, Right
from domain.subjects import LineKind
from tests.domain.factories import NOW, a_line, a_policy, an_order

GOODS = (
    a_line("milk", category="fresh"),
    a_line("mug", category="tableware"),
    a_line("post", kind=LineKind.SHIPPING),
)


def decided(
    document: dict[str, Any], *laws: dict[str, Any], facts: Any = None, **asked: Any
) -> Decision:
    names = [str(law["id"]) for law in laws]
    contract = a_policy(laws=names, **document) if laws else a_policy(**document)
    rights = Rights(contract, 1, tuple(Law(parse_policy(law), 1) for law in laws))
    request = Request(requested_at=NOW, **asked)
    return decide_best(rights, facts or an_order(*GOODS), request)


def kept_out(decision: Decision) -> dict[str, str | None]:
    return {line.id: line.kept_out for line in decision.lines if not line.restock}


@pytest.mark.parametrize(
    ("restock", "kept"),
    [
        (True, {}),
        (False, {"milk": "policy", "mug": "policy"}),
        ({"line.category": {"not": "fresh"}}, {"milk": "policy"}),
        ({"line.attributes.sealed": True}, {"milk": "fact_missing", "mug": "fact_missing"}),
    ],
)
def test_the_policy_says_which_goods_go_back_to_stock(restock: Any, kept: dict[str, str]) -> None:
    facts = {"line.attributes.sealed": "boolean"}
    assert kept_out(decided({"restock": restock, "facts": facts})) == kept


def test_staff_say_otherwise_without_touching_the_amounts() -> None:
    plain = decided({"restock": False})
    told = decided(
        {"restock": False},
        initiator=Initiator.STAFF,
        reason="changed_mind",
        overrides=Overrides(restock=True),
    )
    assert kept_out(told) == {}
    assert told.refund_minor == plain.refund_minor
    set_ = with_refund(plain, an_order(*GOODS), 500)
    assert kept_out(set_) == kept_out(plain)
    against = decided({}, initiator=Initiator.STAFF, overrides=Overrides(restock=False))
    assert kept_out(against) == {"milk": "staff", "mug": "staff"}


def test_a_warehouse_is_asked_of_the_lines_it_may_have_begun() -> None:
    facts = an_order(a_line("a", status="picked"), a_line("b", status="new"))
    warehouse = {"when": {"line.status": ["picked"]}, "within": "20m", "if_silent": "stop"}
    decision = decided({"warehouse": warehouse, "stages": {"picked": "open"}}, facts=facts)
    assert decision.warehouse == WarehouseTerms(
        lines=("a",), within=timedelta(minutes=20), if_silent=IfSilent.STOP
    )
    none = an_order(a_line("b", status="new"))
    assert decided({"warehouse": warehouse}, facts=none).warehouse is None


def test_without_a_condition_it_is_asked_of_all_goods() -> None:
    decision = decided({"warehouse": {}})
    assert decision.warehouse is not None
    assert decision.warehouse.lines == ("milk", "mug")
    assert decision.warehouse.if_silent is IfSilent.REFUSE
    services = an_order(a_line("s", kind=LineKind.SERVICE))
    assert decided({"warehouse": {}}, facts=services).warehouse is None


def test_a_withdrawal_by_law_asks_no_warehouse_and_keeps_to_the_contract_on_stock() -> None:
    law = {"id": "law", "title": "All of it goes back", "currency": "EUR"}
    terms = {"warehouse": {}, "restock": False, "rules": [{"keep": "everything"}]}
    decision = decided(terms, law)
    assert decision.right is Right.LAW
    assert decision.warehouse is None
    assert set(kept_out(decision)) == {"milk", "mug"}
