"""What a decision may look at, and nothing else."""

import hashlib
from collections.abc import Collection

from pydantic import AwareDatetime

from domain.lifecycle import SubjectState
from domain.promotions import Promotion
from domain.subjects import Kind, Line, Tender
from domain.values import Attributes, Currency, Minor, Moment, Value


class CustomerFacts(Value):
    """Counters of the customer. None means that nobody counted."""

    cancellations_this_year: int | None = None
    no_shows_this_year: int | None = None
    attributes: Attributes = {}


class Facts(Value):
    """A subject as it stands at one instant.

    Instants may be missing; a rule that needs a missing one hands over to a person. A civil date
    in `starts_at` or `ends_at` is a day at `zone`. `stage` is the merchant's own word.
    `carried_minor` is what cancelling parts of it cost beyond what went back for them: what is
    cancelled later bears it.
    """

    kind: Kind
    stage: str
    state: SubjectState = SubjectState.NONE
    placed_at: AwareDatetime | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    original_starts_at: Moment | None = None
    delivered_at: AwareDatetime | None = None
    reschedules: int = 0
    window_closed_at: AwareDatetime | None = None
    zone: str
    currency: Currency
    lines: tuple[Line, ...] = ()
    tenders: tuple[Tender, ...] = ()
    promotions: tuple[Promotion, ...] = ()
    carried_minor: Minor = 0
    customer: CustomerFacts = CustomerFacts()
    consents: Attributes = {}
    attributes: Attributes = {}
    settings: Attributes = {}

    def fingerprint(self) -> str:
        """Hash what a price depends on. Our own bookkeeping stays out: state and window mark."""
        return _hash(self.__pydantic_serializer__.to_json(self, exclude=_OWN))

    def terms_fingerprint(self, lines: Collection[str]) -> str:
        """Hash the terms asked for: these lines' quantities and prices, the captures, the start."""
        asked = [
            (x.id, x.quantity_open, x.unit_price_minor, x.discount_minor, x.tax_minor)
            for x in self.lines
            if x.id in lines
        ]
        paid = [(x.id, x.refundable_minor) for x in self.tenders]
        terms = (asked, paid, self.starts_at, *self.promotions)
        return _hash(repr(terms).encode())


_OWN = {"state", "window_closed_at"}


def _hash(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()[:32]
