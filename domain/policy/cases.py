"""Policy cases in the public format: a subject's facts, a reason, the moment, the right answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError, model_validator

from domain.errors import CaseInvalid
from domain.subjects import Kind
from domain.texts import ReportedMoment, Zone
from domain.values import Currency, Minor, Quantity

_PROMOTED = ("delivered_at", "original_starts_at", "reschedules", "requested_refund_method")


class _Given(BaseModel):
    """A part of a case. What it says beyond these names is kept, for a policy may ask for it."""

    model_config = ConfigDict(frozen=True, extra="allow")

    def rest(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class CaseItem(_Given):
    sku: str = ""
    kind: str | None = None
    category: str | None = None
    qty: Quantity = 1
    unit_price_minor: Minor = 0
    status: str | None = None
    attributes: dict[str, Any] = {}


class CasePayment(_Given):
    method: str
    amount_minor: Minor
    ref: str | None = None


class EarlierRefund(_Given):
    amount_minor: Minor
    ref: str | None = None
    method: str | None = None


class CaseFacts(_Given):
    """Anything may be missing. Some facts of ours may stand among the attributes as well."""

    status: str | None = None
    placed_at: ReportedMoment | None = None
    starts_at: ReportedMoment | None = None
    ends_at: ReportedMoment | None = None
    original_starts_at: ReportedMoment | None = None
    delivered_at: ReportedMoment | None = None
    reschedules: int | None = None
    now: ReportedMoment | None = None
    timezone: Zone | None = None
    currency: Currency | None = None
    items: tuple[CaseItem, ...] | None = None
    payments: tuple[CasePayment, ...] | None = None
    earlier_refunds: tuple[EarlierRefund, ...] | None = None
    cancel_items: tuple[str, ...] | None = None
    customer: dict[str, Any] | None = None
    consents: dict[str, Any] | None = None
    evidence: dict[str, Any] | None = None
    attributes: dict[str, Any] | None = None
    initiator: str | None = None
    right: str | None = None
    method: Annotated[
        str | None, Field(validation_alias=AliasChoices("method", "requested_refund_method"))
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _promote(cls, given: Any) -> Any:
        known = given.get("attributes") if isinstance(given, dict) else None
        if not isinstance(known, dict):
            return given
        return {name: known[name] for name in _PROMOTED if name in known} | given

    @property
    def zone(self) -> str:
        return self.timezone or "UTC"


class Case(_Given):
    """One situation. `policy_params` are the merchant's settings; an inferred answer is one that
    the source leaves open. What is expected as null is not settled."""

    id: str = ""
    policy_id: str | None = None
    kind: Kind
    facts: CaseFacts
    reason: str | None = None
    policy_params: dict[str, Any] | None = None
    expected: dict[str, Any] = {}
    inferred: bool = False

    @property
    def is_inferred(self) -> bool:
        return self.inferred or bool(self.expected.get("inferred"))


def read_case(given: Any) -> Case:
    """Read a case. Raises CaseInvalid, which names each place that is wrong."""
    with located():
        return Case.model_validate(given)


@contextmanager
def located() -> Iterator[None]:
    """Turn what pydantic finds wrong in a case into CaseInvalid, without what stands there."""
    try:
        yield
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        told = [f"{_place(fault['loc'])}: {fault['msg']}" for fault in faults[:10]]
        raise CaseInvalid("; ".join(told)) from None


def _place(loc: tuple[int | str, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in loc)
    return "".join(parts).lstrip(".") or "case"
