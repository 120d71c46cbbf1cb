"""Policies by name, and cases in the public format: facts, a reason, the right answer."""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import yaml

from domain.decisions import Decision, Outcome
from domain.facts import Facts
from domain.policy.document import Policy, parse_policy
from domain.requests import Request
from domain.subjects import Handling, Kind, Line, LineKind, LineQuantity, Tender

ROOT = Path(__file__).parents[2]
POLICIES = ROOT / "policies"
_LEDGER = ("gift_card", "store_credit")

Case = Mapping[str, Any]


def load_policy(policy_id: str) -> Policy:
    text = (POLICIES / f"{policy_id}.yaml").read_text(encoding="utf-8")
    return parse_policy(yaml.safe_load(text))


def read_cases(path: Path) -> Iterator[Case]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            yield json.loads(line)


def facts_of(case: Case) -> Facts:
    """Lines get their place as an id, for a case may name a SKU twice. A zone may be missing."""
    given = case["facts"]
    kind = Kind(case["kind"])
    return Facts(
        kind=kind,
        stage=given["status"],
        placed_at=_instant(given.get("placed_at")),
        starts_at=_moment(given.get("starts_at")),
        ends_at=_moment(given.get("ends_at")),
        zone=given["timezone"] or "UTC",
        currency=given["currency"],
        lines=tuple(_line(kind, place, item) for place, item in enumerate(given["items"] or ())),
        tenders=tuple(
            _tender(given, place, payment) for place, payment in enumerate(given["payments"] or ())
        ),
        attributes=given.get("attributes") or {},
        settings=case.get("policy_params") or {},
    )


def request_of(case: Case, reason: str | None = None) -> Request:
    given = case["facts"]
    asked = [
        LineQuantity(id=str(place), quantity=item["qty"])
        for place, item in enumerate(given["items"] or ())
        if item["sku"] in (given.get("cancel_items") or ())
    ]
    word = reason or case.get("reason")
    return Request(
        lines=tuple(asked),
        reason=word.lower().replace(" ", "_") if word else None,
        requested_at=_instant(given.get("now")),
    )


def differences(decision: Decision, expected: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """What the source settles and we answer otherwise: ours and the right one, by name."""
    ours = _answer(decision)
    return {
        name: (ours[name], right)
        for name, right in expected.items()
        if name in ours and right is not None and ours[name] != right
    }


def _answer(decision: Decision) -> dict[str, Any]:
    yes = decision.outcome in (Outcome.ALLOWED, Outcome.NEEDS_APPROVAL)
    answer: dict[str, Any] = {
        "eligible": None if decision.outcome is Outcome.HAND_OVER else yes,
        "refund_minor": decision.refund_minor,
        "fee_minor": decision.fee_minor,
        "net_charge_minor": decision.due_minor,
        "needs_approval": decision.awaits_person,
        "codes": [finding.code for finding in decision.codes],
    }
    if decision.tenders:
        answer["refund_method"] = decision.tenders[0].form
    return answer


def _line(kind: Kind, place: int, item: Mapping[str, Any]) -> Line:
    usual = LineKind.GOODS if kind is Kind.ORDER else LineKind.SERVICE
    return Line(
        id=str(place),
        sku=item["sku"],
        kind=LineKind(item.get("kind", usual)),
        category=item.get("category") or "",
        quantity=item["qty"],
        unit_price_minor=item["unit_price_minor"],
        status=item.get("status"),
        person=item.get("person"),
    )


def _tender(given: Mapping[str, Any], place: int, payment: Mapping[str, Any]) -> Tender:
    ref = payment.get("ref", str(place))
    back = sum(
        refund["amount_minor"]
        for refund in given.get("earlier_refunds") or ()
        if refund.get("ref") == ref
    )
    method = payment["method"]
    return Tender(
        id=ref,
        method=method,
        handling=Handling.LEDGER if method in _LEDGER else Handling.PROVIDER,
        captured_minor=payment["amount_minor"],
        returned_elsewhere_minor=back,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _moment(text: str | None) -> datetime | date | None:
    if text is None or len(text) > len("2026-05-01"):
        return _instant(text)
    return date.fromisoformat(text)
