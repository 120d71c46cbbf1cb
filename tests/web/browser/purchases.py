"""Orders and appointments of customers who have nothing else, and what became of them."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from domain.subjects import Kind, SubjectRef
from tests.end_to_end.conftest import DESK, Business
from use_cases import policies
from use_cases.views import CancellationView, Status

_SHUT: dict[str, Any] = {
    "title": "Until it is packed",
    "rules": [{"unless": {"stage": "open"}, "refuse": "stage_not_cancellable"}],
}
_LAW = [
    {"when": {"since.delivered": {"over": "14d"}}, "refuse": "window_over"},
    {"when": {"stage": ["open", "in_progress", "finished"]}, "keep": "nothing"},
]
_LATE = [{"when": {"notice": {"under": "90d"}}, "keep": "30%"}]
_NO_CUPS = [{"when": {"line.sku": "cup"}, "refuse": "line_not_cancellable"}, {"keep": "nothing"}]
_CREDIT = [
    {"when": {"method": "store_credit"}, "form": "store_credit", "timing": "immediate"},
    {"timing": "business_days_5_7"},
]
POLICIES: dict[str, dict[str, Any]] = {
    "shut": _SHUT,
    "by-law": {"title": "Fourteen days", "rules": _LAW},
    "lawful": _SHUT | {"laws": ["by-law"]},
    "on-request": {"title": "Who asks gets it", "refund": "on_request"},
    "unhurried": {"title": "Hours to think", "undo": "3h"},
    "late": {"title": "Part of it stays", "rules": _LATE},
    "no-cups": {"title": "All but cups", "rules": _NO_CUPS},
    "credit": {"title": "Money or credit", "forms": _CREDIT},
}
_days = count(10)


async def furnish(business: Business) -> None:
    """Keep the policies that pages need beside those of the business."""
    for name, document in POLICIES.items():
        await policies.keep_policy(
            business.context, DESK, name, {"currency": "EUR"} | document, is_default=False
        )


def a_customer() -> dict[str, str]:
    ref = uuid4().hex[:8]
    return {"ref": ref, "name": "Ada Sommer", "email": f"ada.{ref}@example.com"}


async def order(business: Business, policy: str = "plain", **known: Any) -> SubjectRef:
    return await business.order(policy, **{"customer": a_customer()} | known)


async def appointment(business: Business, policy: str = "plain", **known: Any) -> SubjectRef:
    """An hour on the chair on a day of its own."""
    starts = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    starts += timedelta(days=next(_days))
    line = {"title": "Haircut", "resource": "chair", "unit_price_minor": 4_000}
    times = {"starts_at": starts, "ends_at": starts + timedelta(hours=1)}
    known = {"customer": a_customer(), "lines": [line | times]} | times | known
    return await business.appointment(policy, **known)


async def delivered(business: Business) -> SubjectRef:
    """An order that came two days ago, which only the law lets go."""
    now = datetime.now(UTC)
    times = {"placed_at": now - timedelta(days=5), "delivered_at": now - timedelta(days=2)}
    return await order(business, "lawful", stage="delivered", **times)


async def cancelled(
    business: Business, subject: SubjectRef, *states: Status, **known: Any
) -> CancellationView:
    """Cancelled as its customer would, and waited for until it is in one of these states."""
    done = await business.cancel(subject, **known)
    return await business.reached(done, *(states or (Status.CANCELLED,)))


def path_of(subject: SubjectRef) -> str:
    return f"/{'orders' if subject.kind is Kind.ORDER else 'appointments'}/{subject.id}"
