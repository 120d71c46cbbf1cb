"""Policy cases in the public format: a subject's facts, a reason, the moment, the right answer."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from domain.cases.words import plain_facts, without_blanks
from domain.errors import CaseInvalid
from domain.subjects import Kind
from domain.texts import ReportedMoment, Zone
from domain.values import Currency, Minor, Quantity


class _Given(BaseModel):
    """A part of a case. What it says beyond these names is kept, for a policy may ask for it."""

    model_config = ConfigDict(frozen=True, extra="allow", coerce_numbers_to_str=True)

    def rest(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class _Part(_Given):
    """One of several. Null is as good as nothing."""

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return without_blanks(given) if isinstance(given, dict) else given


class CaseItem(_Part):
    sku: str = ""
    kind: str | None = None
    category: str | None = None
    qty: Annotated[Quantity, Field(validation_alias=AliasChoices("qty", "quantity"))] = 1
    unit_price_minor: Minor = 0
    status: str | None = None
    attributes: dict[str, Any] = {}


class CasePayment(_Part):
    """`status` may say that a card only holds it."""

    method: str = "other"
    amount_minor: Minor
    ref: str | None = None
    status: str | None = None


class EarlierRefund(_Part):
    """Of the payment it names, else of its method, else of whatever was paid first."""

    amount_minor: Minor
    ref: str | None = None
    method: str | None = None


class CancelItem(_Part):
    """Without a quantity all of them are meant."""

    sku: str
    qty: Annotated[Quantity | None, Field(validation_alias=AliasChoices("qty", "quantity"))] = None


class CaseFacts(_Given):
    """Anything may be missing."""

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
    cancel_items: tuple[CancelItem, ...] | None = None
    customer: dict[str, Any] | None = None
    consents: dict[str, Any] | None = None
    evidence: dict[str, Any] | None = None
    attributes: dict[str, Any] | None = None
    initiator: Annotated[
        str | None, Field(validation_alias=AliasChoices("initiator", "cancelled_by"))
    ] = None
    right: str | None = None
    method: Annotated[
        str | None, Field(validation_alias=AliasChoices("method", "requested_refund_method"))
    ] = None

    @model_validator(mode="before")
    @classmethod
    def _plain(cls, given: Any) -> Any:
        return plain_facts(given) if isinstance(given, dict) else given

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


def moment_of(value: Any) -> datetime | date | None:
    """Any value as a moment; None for what is none."""
    try:
        return _MOMENT.validate_python(value)
    except ValidationError:
        return None


_MOMENT: TypeAdapter[datetime | date] = TypeAdapter(ReportedMoment)


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
