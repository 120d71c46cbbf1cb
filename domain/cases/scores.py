"""A decision against what a case says is right."""

import re
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from domain.cases.words import code_of
from domain.decisions import Decision, Outcome, RefundRule

AMOUNTS_OPEN = "amount_open"
"""The one finding of a hand-over that means: yes, and a person sets the amounts."""


class Difference(NamedTuple):
    field: str
    ours: Any
    right: Any


class Score(NamedTuple):
    """`compared` are the fields that the case settles and we answer; `unknown` settled ones that
    nothing of ours answers. None compared means that the case isn't scored."""

    compared: tuple[str, ...]
    differences: tuple[Difference, ...]
    unknown: tuple[str, ...]


def score(decision: Decision, expected: Mapping[str, Any]) -> Score:
    """Compare what is settled. Null is not settled; `why` and `inferred` say something else."""
    settled = {
        name: right
        for name, right in expected.items()
        if right is not None and name not in ("why", "inferred")
    }
    compared = tuple(name for name in settled if name in _ANSWERS)
    pairs = ((name, _ANSWERS[name](decision), settled[name]) for name in compared)
    return Score(
        compared=compared,
        differences=tuple(
            Difference(name, ours, right)
            for name, ours, right in pairs
            if _SAME.get(name, _equal)(ours, right) is False
        ),
        unknown=tuple(name for name in settled if name not in _ANSWERS),
    )


def _eligible(decision: Decision) -> bool | None:
    """A fee or a wait is still a yes. None: a person has to decide even that."""
    if decision.outcome is not Outcome.HAND_OVER:
        return not decision.is_declined
    is_only_amount = {finding.code for finding in decision.codes} == {AMOUNTS_OPEN}
    return True if is_only_amount else None


def _method(decision: Decision) -> str:
    """What the refund comes back as; where no money does, what comes instead of it."""
    forms = sorted({tender.form for tender in decision.tenders if tender.amount_minor})
    return ", ".join(forms) or decision.form


def _timing(decision: Decision) -> str:
    return ", ".join(sorted({str(tender.timing) for tender in decision.tenders}))


def _refunds(decision: Decision) -> list[dict[str, Any]]:
    return [
        {"method": tender.method, "amount_minor": tender.amount_minor}
        for tender in decision.tenders
    ]


def _refunded_now(decision: Decision) -> int:
    """Nothing goes back at once while a yes is awaited, or has to be asked for."""
    is_now = decision.outcome is Outcome.ALLOWED and decision.refund is RefundRule.AUTOMATIC
    return decision.refund_minor if is_now else 0


_ANSWERS: dict[str, Callable[[Decision], Any]] = {
    "eligible": _eligible,
    "refund_minor": lambda decision: decision.refund_minor,
    "fee_minor": lambda decision: decision.fee_minor,
    "net_charge_minor": lambda decision: decision.due_minor,
    "needs_approval": lambda decision: decision.awaits_person,
    "refund_method": _method,
    "refund_timing": _timing,
    "refunds": _refunds,
    "refunded_now_minor": _refunded_now,
    "codes": lambda decision: [finding.code for finding in decision.codes],
}


def _equal(ours: Any, right: Any) -> bool:
    return bool(ours == right) and isinstance(ours, bool) == isinstance(right, bool)


def _same_words(ours: Any, right: Any) -> bool:
    """Whether a timing code has the same words and numbers, in whatever order."""
    return _words(ours) == _words(right)


def _words(text: Any) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"[a-z]+|\d+", str(text).lower())}


def _same_amounts(ours: Any, right: Any) -> bool:
    """Whether each method gets the same amounts, in whatever order."""
    return _amounts(ours) == _amounts(right)


def _amounts(refunds: Any) -> Counter[tuple[str, int]] | None:
    if isinstance(refunds, Mapping):
        refunds = [{"method": each, "amount_minor": amount} for each, amount in refunds.items()]
    try:
        return Counter((code_of(str(x["method"])), int(x["amount_minor"])) for x in refunds)
    except (KeyError, TypeError, ValueError):
        return None


_SAME: dict[str, Callable[[Any, Any], bool]] = {
    "refund_timing": _same_words,
    "refunds": _same_amounts,
}
