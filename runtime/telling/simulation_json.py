"""What a policy would have given back and kept, for programs."""

import json
from typing import Any

from domain.policy.tally import RuleKey, Side, Sums, Tally, total
from runtime.policies.simulation import Simulated

_DIRECTIONS = {1: "more", 0: "as_much", -1: "less"}


def as_json(found: Simulated, name: str, present: str | None, seconds: float) -> str:
    told = {
        "policy": name,
        "against": present,
        "rows": found.rows,
        "cancellations": found.cancellations,
        "went_ahead": found.went_ahead,
        "other_kind": found.other_kind,
        "unreadable": found.unreadable,
        "faults": [{"row": row, "detail": fault} for row, fault in found.faults],
        "currencies": {
            currency: _object(found.tally, currency, present) for currency in found.tally.currencies
        },
        "seconds": round(seconds, 3),
        "rows_a_second": round(found.rows / seconds) if seconds else None,
    }
    return json.dumps(told, indent=2)


def _object(tally: Tally, currency: str, present: str | None) -> dict[str, Any]:
    told: dict[str, Any] = {"new": _side(tally.of(Side.NEW, currency))}
    if present:
        told["present"] = _side(tally.of(Side.PRESENT, currency))
        told["changes"] = [
            {
                "before": key.before,
                "after": key.after,
                "gets_back": _DIRECTIONS[key.direction],
                "count": counts["count"],
                "refunded_minor": counts["refunded"],
            }
            for key, counts in sorted(tally.changes.items())
            if key.currency == currency
        ]
    return told


def _side(rules: dict[RuleKey, Sums]) -> dict[str, Any]:
    return _sums(total(rules.values())) | {
        "rules": [
            {"outcome": key.outcome, "rule": key.rule, "code": key.code} | _sums(sums)
            for key, sums in rules.items()
        ]
    }


def _sums(sums: Sums) -> dict[str, int]:
    return {
        "count": sums.count,
        "paid_minor": sums.paid,
        "refunded_minor": sums.refunded,
        "kept_minor": sums.kept,
        "open_minor": sums.open,
        "due_minor": sums.due,
    }
