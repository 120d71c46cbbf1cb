"""An order or an appointment as others see it."""

from datetime import datetime
from typing import Any
from uuid import UUID

from domain.lifecycle import CancellationState, RefundState, SubjectState
from domain.promotions import Promotion
from domain.subjects import Handling, Kind, LineKind
from domain.values import Moment, Value
from use_cases.due_views import CardHoldView, DueView
from use_cases.views import EventView


class CustomerView(Value):
    ref: str | None
    name: str | None
    email: str | None
    language: str | None
    zone: str | None
    counters: dict[str, Any]


class ReservationView(Value):
    resource: str
    unit: int
    starts_at: datetime
    ends_at: datetime
    state: str


class LineView(Value):
    id: str
    kind: LineKind
    sku: str
    title: str
    category: str
    component: str
    quantity: int
    quantity_cancelled: int
    unit_price_minor: int
    discount_minor: int
    tax_minor: int
    tax_included_minor: int
    tax_rate: str | None
    refunded_minor: int
    total_minor: int
    status: str | None
    person: str | None
    starts_at: Moment | None
    ends_at: Moment | None
    attributes: dict[str, Any]
    reservations: tuple[ReservationView, ...]


class TenderView(Value):
    """`refundable_minor` is what it still holds."""

    id: str
    method: str
    handling: Handling
    provider: str | None
    payment_ref: str | None
    authorised_minor: int
    captured_minor: int
    pending_minor: int
    returned_minor: int
    returned_elsewhere_minor: int
    refundable_minor: int


class PastReason(Value):
    """The reason of a cancellation; `note` is in the customer's own words."""

    code: str | None
    label: str | None
    note: str | None


class PastCancellation(Value):
    id: UUID
    n: int
    state: CancellationState
    cause: str | None
    reason: PastReason
    refund_minor: int
    fee_minor: int
    due_minor: int
    requested_at: datetime
    ended_at: datetime | None


class PastRefund(Value):
    """`request_id` names the request it goes back to, where it was asked for on its own."""

    id: UUID
    cancellation_id: UUID | None
    request_id: UUID | None
    tender: str
    amount_minor: int
    state: RefundState


class FrozenPolicy(Value):
    id: str
    version: int


class OwnerLine(Value):
    """The order, and its line, that an appointment is a view of."""

    order: str
    line: str


class SubjectSummary(Value):
    """A subject in a list. `state` is how far a cancellation has come."""

    kind: Kind
    id: str
    stage: str
    state: SubjectState
    currency: str
    customer: str | None
    placed_at: datetime | None
    starts_at: Moment | None
    cancellable_until: datetime | None
    created_at: datetime
    updated_at: datetime


class SubjectView(SubjectSummary):
    """All of a subject. `appointments` are those that are lines of this order.

    `cancellable_until` is where the clock ends it, `terms_change_at` where it next gets dearer.
    `held` says that a cancellation works on it now. `carried_minor` is what parts of it cost beyond
    what went back for them.
    """

    customer: CustomerView  # type: ignore[assignment]
    zone: str
    ends_at: Moment | None
    original_starts_at: Moment | None
    reschedules: int
    delivered_at: datetime | None
    channel: str | None
    brand: str | None
    place: str | None
    attributes: dict[str, Any]
    consents: dict[str, Any]
    policy: FrozenPolicy
    part_of: OwnerLine | None
    appointments: tuple[str, ...]
    total_minor: int
    lines: tuple[LineView, ...]
    promotions: tuple[Promotion, ...]
    carried_minor: int
    tenders: tuple[TenderView, ...]
    cancellations: tuple[PastCancellation, ...]
    refunds: tuple[PastRefund, ...]
    amount_due_minor: int
    dues: tuple[DueView, ...]
    card_holds: tuple[CardHoldView, ...]
    history: tuple[EventView, ...]
    held: bool
    terms_change_at: datetime | None
    window_closed_at: datetime | None
    cancelled_elsewhere_at: datetime | None
