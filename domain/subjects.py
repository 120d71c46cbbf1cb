"""What can be cancelled: an order or an appointment, its lines, and how it was paid."""

from enum import StrEnum

from domain.money import Rounding, divide
from domain.values import Attributes, Code, Minor, Moment, Quantity, Ref, TaxRate, Value


class Kind(StrEnum):
    ORDER = "order"
    APPOINTMENT = "appointment"


class LineKind(StrEnum):
    """Goods have stock behind them, a service a reservation; fees and shipping have neither."""

    GOODS = "goods"
    SERVICE = "service"
    FEE = "fee"
    SHIPPING = "shipping"


class Stage(StrEnum):
    """What the merchant's own word for a stage means to us."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    FINISHED = "finished"


class SubjectRef(Value):
    kind: Kind
    id: Ref

    def __str__(self) -> str:
        return f"{self.kind}/{self.id}"


class LineQuantity(Value):
    """So many of one line."""

    id: Ref
    quantity: Quantity


class Line(Value):
    """One part of a subject, with an id of its own: an order may hold the same SKU twice.

    `discount_minor`, `tax_minor` and `tax_included_minor` are the whole line's. `tax_minor` comes
    on top of the price, `tax_included_minor` is in it; `tax_rate` is in percent, as the invoice
    names it. The line's total is price × quantity - discount + tax on top. `refunded_minor` is what
    went back for the units that are cancelled.
    """

    id: Ref
    sku: str = ""
    title: str = ""
    kind: LineKind
    category: str = ""
    component: str = ""
    quantity: Quantity = 1
    quantity_cancelled: int = 0
    unit_price_minor: Minor = 0
    discount_minor: Minor = 0
    tax_minor: Minor = 0
    tax_included_minor: Minor = 0
    tax_rate: TaxRate | None = None
    refunded_minor: Minor = 0
    status: str | None = None
    person: str | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    attributes: Attributes = {}

    @property
    def total_minor(self) -> int:
        return self.unit_price_minor * self.quantity - self.discount_minor + self.tax_minor

    @property
    def taxes_minor(self) -> int:
        """All the tax in the total, whichever way it is told."""
        return self.tax_minor + self.tax_included_minor

    def tax_of(self, first: int, minor: int) -> int:
        """The tax in `minor` units of the total after the `first` ones, so that the tax of parts
        adds up to that of their sum, and that of the total is the line's own."""
        if not self.tax_minor and not self.tax_included_minor:
            return 0
        return self._tax_up_to(first + minor) - self._tax_up_to(first)

    def _tax_up_to(self, minor: int) -> int:
        total, taxes = self.total_minor, self.taxes_minor
        return divide(taxes * min(minor, total), total, Rounding.HALF_UP) if total else 0

    @property
    def quantity_open(self) -> int:
        return self.quantity - self.quantity_cancelled

    def price_of(self, first: int, count: int) -> int:
        """Price `count` units after the `first` ones, so that all the units add up to the total.

        Which physical unit is meant does not matter; counting from the start keeps every later
        partial exact. Units left over go to the first ones, as in `split_minor`.
        """
        each, odd = divmod(self.total_minor, self.quantity)
        return each * count + min(first + count, odd) - min(first, odd)


class Handling(StrEnum):
    """How money goes back: by a provider, in our ledger, by hand; or a card only held."""

    PROVIDER = "provider"
    LEDGER = "ledger"
    MANUAL = "manual"
    HELD = "held"


class Tender(Value):
    """One means of payment of a subject. Pending is asked back but not yet confirmed."""

    id: Ref
    method: Code
    handling: Handling
    provider: str | None = None
    payment_ref: str | None = None
    authorised_minor: Minor = 0
    captured_minor: Minor = 0
    pending_minor: Minor = 0
    returned_minor: Minor = 0
    returned_elsewhere_minor: Minor = 0

    @property
    def refundable_minor(self) -> int:
        returned = self.returned_minor + self.returned_elsewhere_minor
        return self.captured_minor - self.pending_minor - returned
