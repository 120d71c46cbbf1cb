"""What comes in and goes out over HTTP."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import ConfigDict, Field

from domain.attention import Choice
from domain.reasons import Reason
from domain.requests import Initiator, Overrides, Right
from domain.subjects import Kind, SubjectRef
from domain.texts import Instant, Json, Language, Title, Word
from domain.values import Code, Minor, Value
from domain.warehouses import StopAnswer
from use_cases.intake import Asked, AskedLine
from use_cases.quotes import QuoteView
from use_cases.resolutions import Decided
from use_cases.views import CancellationView, Summary

Text = Annotated[str, Field(pattern=r"^[^\x00]*$")]
"""Several lines of text, in somebody's own words."""

PLURALS = {Kind.ORDER: "orders", Kind.APPOINTMENT: "appointments"}


def subject_link(subject: SubjectRef) -> str:
    return f"/v1/{PLURALS[subject.kind]}/{subject.id}"


def cancellation_link(cancellation_id: UUID | str) -> str:
    return f"/v1/cancellations/{cancellation_id}"


class ReasonGiven(Value):
    """A code of the catalogue, and maybe a note in the customer's own words."""

    code: Code | None = None
    note: Text | None = None


class QuoteRequest(Value):
    """What would be cancelled. No lines means everything still open; a line without a quantity
    means all that is open of it. `asker` is who it is for, the customer if nobody is named."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": {"kind": "order", "id": "1042"},
                    "lines": [{"id": "1", "quantity": 2}],
                    "reason": {"code": "changed_mind"},
                }
            ]
        }
    )

    subject: SubjectRef
    lines: tuple[AskedLine, ...] = Field(default=(), max_length=1_000)
    reason: ReasonGiven = ReasonGiven()
    initiator: Initiator = Initiator.CUSTOMER
    right: Right = Right.CONTRACT
    method: Code | None = None
    evidence: Json = Field(default={})
    overrides: Overrides = Field(
        default=Overrides(),
        description="Takes the scope `goodwill`, and a reason; `restock` alone takes `records`.",
    )
    requested_at: Instant | None = Field(
        default=None, description="When it was asked, if not now. Takes the scope `backdate`."
    )
    asker: Word | None = None

    def asked(self, quote_id: str | None = None) -> Asked:
        return Asked(
            subject=self.subject,
            lines=self.lines,
            reason=self.reason.code,
            note=self.reason.note,
            initiator=self.initiator,
            right=self.right,
            method=self.method,
            quote_id=quote_id,
            evidence=self.evidence,
            overrides=self.overrides,
            requested_at=self.requested_at,
            asker=self.asker,
        )


class CancellationRequest(QuoteRequest):
    """What is to be cancelled, for the price of a `quote` if one was given for the same."""

    quote: Word | None = None


class UndoRequest(Value):
    """`asker` as in the cancellation; without it the key that asked is meant."""

    asker: Word | None = None


class ApprovalRequest(Value):
    """`refund_minor` sets what goes back, within what the tenders hold. Takes the scope `money`."""

    refund_minor: Minor | None = None


class DeclineRequest(Value):
    """Nothing: words for the customer are refused, not lost."""


class WarehouseAnswer(Value):
    """Stopped: nothing leaves any more. Refused: it is too late."""

    answer: Literal[StopAnswer.STOPPED, StopAnswer.REFUSED]


class ResolutionRequest(Value):
    """One of the `choices` that the cancellation offers under `attention`. Skipping takes a reason;
    skipping a refund the scope `money`, by somebody who neither asked for it nor approved it."""

    step: Code
    choice: Choice
    reason: Annotated[str, Field(max_length=500, pattern=r"^[^\x00]*$")] | None = None
    refund_id: UUID | None = None
    card_hold_id: UUID | None = None

    def decided(self) -> Decided:
        return Decided(**dict(self))


class Links(Value):
    self: str
    subject: str
    events: str
    joined: str | None = None
    retry_quote: str | None = None


class CancellationAnswer(CancellationView):
    links: Links

    @classmethod
    def of(cls, view: CancellationView) -> "CancellationAnswer":
        here = cancellation_link(view.id)
        quote = f"/v1/quotes/{view.retry_quote_id}" if view.retry_quote_id else None
        links = Links(
            self=here,
            subject=subject_link(view.subject),
            events=f"{here}/events",
            joined=cancellation_link(view.joined_id) if view.joined_id else None,
            retry_quote=quote,
        )
        return cls.model_construct(**dict(view), links=links)


class SummaryAnswer(Summary):
    links: Links

    @classmethod
    def of(cls, summary: Summary) -> "SummaryAnswer":
        here = cancellation_link(summary.id)
        links = Links(self=here, subject=subject_link(summary.subject), events=f"{here}/events")
        return cls.model_construct(**dict(summary), links=links)


class QuoteLinks(Value):
    self: str
    subject: str


class QuoteAnswer(QuoteView):
    links: QuoteLinks

    @classmethod
    def of(cls, view: QuoteView) -> "QuoteAnswer":
        links = QuoteLinks(self=f"/v1/quotes/{view.id}", subject=subject_link(view.subject))
        return cls.model_construct(**dict(view), links=links)


class ReasonDocument(Value):
    """`labels` by language tag. A retired reason is offered no more but stays on old records."""

    labels: dict[Language, Title] = Field(min_length=1, max_length=100)
    kinds: frozenset[Kind] = Field(default=frozenset(Kind), min_length=1)
    note_required: bool = False
    retired: bool = False
    position: int = Field(default=0, ge=-1_000_000, le=1_000_000)

    def reason(self, code: str) -> Reason:
        return Reason(code=code, **dict(self))


PolicyDocument = Annotated[
    Json, Field(description="A policy document; its JSON Schema is at /v1/policies/schema.")
]
