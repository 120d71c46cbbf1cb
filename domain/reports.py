"""What a merchant reports of an order or an appointment, as it comes in."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from domain.facts import CustomerFacts
from domain.money import Rounding, divide
from domain.promotions import Promotion, check_promotions
from domain.subjects import Handling, LineKind
from domain.texts import Email, Instant, Json, Language, ReportedMoment, Title, Word, Zone
from domain.values import Code, Currency, Minor, Quantity, Ref, TaxRate, Value

_MOST = 10**15
Count = Annotated[int, Field(ge=0, le=1_000_000)]

_HANDLINGS = {
    "gift_card": Handling.LEDGER,
    "store_credit": Handling.LEDGER,
    "cash": Handling.MANUAL,
    "bank_transfer": Handling.MANUAL,
    "check": Handling.MANUAL,
    "invoice": Handling.MANUAL,
    "voucher": Handling.MANUAL,
    "card_hold": Handling.HELD,
}
DEFAULT_PROVIDER = "sandbox"
"""Who has a payment whose provider isn't named."""


class Counters(CustomerFacts):
    """The merchant's own counts of a customer, which a policy may look at."""

    cancellations_this_year: Count | None = None
    no_shows_this_year: Count | None = None
    attributes: Json = {}


class ReportedCustomer(Value):
    ref: Word | None = None
    name: Title | None = None
    email: Email | None = None
    language: Language | None = None
    zone: Zone | None = None
    counters: Counters = Counters()


class NamedPolicy(Value):
    """The policy a purchase was made under. No version: the one in force when it was placed."""

    id: Word
    version: int | None = Field(default=None, ge=1)


class PartOf(Value):
    """The line of an order that an appointment is a view of."""

    order: Ref
    line: Ref


class ReportedLine(Value):
    """A line; without an id it is named by its position: "1", "2" and so on.

    `tax_minor` comes on top of the price. Of a price that includes its tax, tell the `tax_rate` in
    percent, or what is in it as `tax_included_minor`.
    A service's `resource`, with a start and an end, is reserved: `units` of it, or as many as the
    quantity.
    """

    id: Ref | None = None
    kind: LineKind | None = None
    sku: Title = ""
    title: Title = ""
    category: Title = ""
    component: Title = ""
    quantity: Quantity = 1
    unit_price_minor: Minor = 0
    discount_minor: Minor = 0
    tax_minor: Minor = 0
    tax_included_minor: Minor | None = None
    tax_rate: TaxRate | None = None
    status: Word | None = None
    person: Word | None = None
    starts_at: ReportedMoment | None = None
    ends_at: ReportedMoment | None = None
    resource: Ref | None = None
    units: int | None = Field(default=None, ge=1, le=1000)
    attributes: Json = {}

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.unit_price_minor * self.quantity + self.tax_minor > _MOST:
            raise ValueError("the line's total is too large")
        if self.discount_minor > self.unit_price_minor * self.quantity:
            raise ValueError("discount_minor is more than the price of the line")
        if self.tax_included > self.unit_price_minor * self.quantity - self.discount_minor:
            raise ValueError("tax_included_minor is more than the line costs")
        _check_times(self.starts_at, self.ends_at, self.resource)
        if self.resource and self.kind not in (None, LineKind.SERVICE):
            raise ValueError("only a service has a resource")
        return self

    @property
    def tax_included(self) -> int:
        """Worked out by the rate where neither tax is told, half a unit upwards."""
        if self.tax_included_minor is not None or self.tax_minor or self.tax_rate is None:
            return self.tax_included_minor or 0
        price = self.unit_price_minor * self.quantity - self.discount_minor
        rate = Fraction(self.tax_rate) / (100 + Fraction(self.tax_rate))
        return divide(price * rate.numerator, rate.denominator, Rounding.HALF_UP)


class ReportedTender(Value):
    """One means of payment; without an id it is named by its position.

    `handling` follows from the method where it isn't given. A provider needs a `payment_ref`:
    what it captured can't be found without one, so such money goes back by hand.
    """

    id: Ref | None = None
    method: Code
    handling: Handling | None = None
    provider: Code | None = None
    payment_ref: Word | None = None
    authorised_minor: Minor = 0
    captured_minor: Minor = 0
    returned_elsewhere_minor: Minor = 0

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        if self.returned_elsewhere_minor > self.captured_minor:
            raise ValueError("returned_elsewhere_minor is more than captured_minor")
        if self.handled in (Handling.PROVIDER, Handling.HELD) and self.payment_ref is None:
            raise ValueError(f"handling {self.handled} needs a payment_ref")
        return self

    @property
    def handled(self) -> Handling:
        if self.handling:
            return self.handling
        by_method = _HANDLINGS.get(self.method)
        if by_method is None or self.provider:
            return Handling.PROVIDER if self.payment_ref else Handling.MANUAL
        return by_method

    @property
    def held_by(self) -> str | None:
        """The provider that knows this payment, if one does."""
        if self.handled in (Handling.PROVIDER, Handling.HELD):
            return self.provider or DEFAULT_PROVIDER
        return None


def _distinct(parts: Sequence[ReportedLine | ReportedTender]) -> Sequence[object]:
    ids = [part_id(part, place) for place, part in enumerate(parts, 1)]
    if twice := {id_ for id_ in ids if ids.count(id_) > 1}:
        raise ValueError(f"the id {min(twice)} is there twice")
    return parts


def part_id(part: ReportedLine | ReportedTender, place: int) -> str:
    return part.id or str(place)


class SubjectReport(Value):
    """An order or an appointment as its owner tells it, whole: it replaces what was told before.

    `policy` counts at the first receipt only. `cancelled_elsewhere` says that it came to an end
    without us; saying it again later, or no more, changes nothing. `promotions` are what it was
    bought with.
    """

    stage: Word
    currency: Currency
    zone: Zone | None = None
    placed_at: Instant | None = None
    starts_at: ReportedMoment | None = None
    ends_at: ReportedMoment | None = None
    delivered_at: Instant | None = None
    customer: ReportedCustomer = ReportedCustomer()
    channel: Word | None = None
    brand: Word | None = None
    place: Word | None = None
    attributes: Json = {}
    consents: Json = {}
    policy: NamedPolicy | None = None
    lines: Annotated[
        tuple[ReportedLine, ...], Field(max_length=1000), AfterValidator(_distinct)
    ] = ()
    tenders: Annotated[
        tuple[ReportedTender, ...], Field(max_length=100), AfterValidator(_distinct)
    ] = ()
    promotions: Annotated[tuple[Promotion, ...], Field(max_length=100)] = ()
    cancelled_elsewhere: bool = False

    def paid_through(self, provider: str) -> Self:
        """Name the provider of the tenders that are through one and don't say which."""
        if provider == DEFAULT_PROVIDER:
            return self
        tenders = tuple(
            one.model_copy(update={"provider": provider, "handling": one.handled})
            if one.held_by and one.provider is None
            else one
            for one in self.tenders
        )
        return self.model_copy(update={"tenders": tenders})

    @model_validator(mode="after")
    def _promotions_hold(self) -> Self:
        lines = {part_id(line, place): line for place, line in enumerate(self.lines, 1)}
        discounts = {id_: line.discount_minor for id_, line in lines.items()}
        check_promotions(self.promotions, discounts)
        return self


class OrderReport(SubjectReport):
    """Lines are goods unless they say otherwise."""


class AppointmentReport(SubjectReport):
    """Lines are services unless they say otherwise; none, but a resource, is one service line.

    An appointment that is part of an order has neither lines nor tenders: they are the order's.
    """

    part_of: PartOf | None = None
    resource: Ref | None = None
    units: int | None = Field(default=None, ge=1, le=1000)

    @model_validator(mode="after")
    def _one_owner(self) -> Self:
        _check_times(self.starts_at, self.ends_at, self.resource)
        if self.part_of and (self.lines or self.tenders):
            raise ValueError("an appointment that is part_of an order has no lines and tenders")
        if self.resource and self.lines:
            raise ValueError("with lines, name the resource on the lines")
        return self


def _check_times(
    starts_at: datetime | date | None, ends_at: datetime | date | None, resource: str | None
) -> None:
    """Refuse an end before its start, and a resource without the instants to reserve it for."""
    instants = isinstance(starts_at, datetime) and isinstance(ends_at, datetime)
    if resource and not (instants and ends_at != starts_at):
        raise ValueError("a resource needs starts_at and ends_at as two instants")
    if isinstance(starts_at, datetime) and isinstance(ends_at, datetime):
        backwards = ends_at < starts_at
    elif starts_at is None or ends_at is None:
        backwards = False
    else:
        backwards = _latest_day(ends_at) < _earliest_day(starts_at)
    if backwards:
        raise ValueError("ends_at lies before starts_at")


def _latest_day(moment: datetime | date) -> date:
    return moment.date() + timedelta(days=1) if isinstance(moment, datetime) else moment


def _earliest_day(moment: datetime | date) -> date:
    return moment.date() - timedelta(days=1) if isinstance(moment, datetime) else moment


class Payment(Value):
    """What a provider has of a tender, told to the sandbox that stands in for one."""

    provider: str
    payment_ref: str
    method: str
    currency: str
    authorised_minor: int
    captured_minor: int
    returned_elsewhere_minor: int


def payments_of(report: SubjectReport) -> list[Payment]:
    """The tenders that a provider knows."""
    return [
        Payment(
            provider=tender.held_by,
            payment_ref=tender.payment_ref,
            method=tender.method,
            currency=report.currency,
            authorised_minor=tender.authorised_minor,
            captured_minor=tender.captured_minor,
            returned_elsewhere_minor=tender.returned_elsewhere_minor,
        )
        for tender in report.tenders
        if tender.held_by and tender.payment_ref
    ]
