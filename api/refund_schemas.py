"""What comes in and goes out over HTTP about refunds."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from api.schemas import ReasonGiven, Text, cancellation_link, subject_link
from domain.requests import Initiator
from domain.subjects import SubjectRef
from domain.texts import Word
from domain.values import Code, Value
from use_cases.intake import AskedLine
from use_cases.refund_intake import AskedRefund, Positive
from use_cases.refund_request_views import RefundRequestView
from use_cases.refund_views import RefundDetail, RefundSummary

Details = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*$")]
"""Where the customer wants their money, in their own words."""


def refund_link(refund_id: UUID) -> str:
    return f"/v1/refunds/{refund_id}"


def refund_request_link(request_id: UUID) -> str:
    return f"/v1/refund-requests/{request_id}"


class RefundRequestBody(Value):
    """What is to go back, and for what.

    With a `cancellation_id` whose refund waits to be asked for nothing else is needed. Else name
    `amount_minor`, or lines, whose whole price is meant then. `form` is as what the money is
    wanted, `original` or `store_credit` where that is offered; `method` which means of payment
    gets it first.
    """

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "subject": {"kind": "order", "id": "1042"},
                    "amount_minor": 1200,
                    "reason": {"code": "other", "note": "One mug came broken"},
                }
            ]
        }
    )

    subject: SubjectRef
    cancellation_id: UUID | None = None
    lines: tuple[AskedLine, ...] = Field(default=(), max_length=1_000)
    amount_minor: Positive | None = None
    reason: ReasonGiven = ReasonGiven()
    initiator: Initiator = Field(
        default=Initiator.CUSTOMER, description="Staff and business take `money` or `goodwill`."
    )
    form: Code | None = None
    method: Code | None = None
    asker: Word | None = None
    payout_details: Details | None = None

    def asked(self) -> AskedRefund:
        return AskedRefund(
            subject=self.subject,
            cancellation_id=self.cancellation_id,
            lines=self.lines,
            amount_minor=self.amount_minor,
            reason=self.reason.code,
            note=self.reason.note,
            initiator=self.initiator,
            form=self.form,
            method=self.method,
            asker=self.asker,
            payout_details=self.payout_details,
        )


class RefundApproval(Value):
    """`amount_minor` approves a part of what was asked. Takes the scope `money`."""

    amount_minor: Positive | None = None


class PaidRequest(Value):
    """What names the payment in your own books: a transfer's reference, a receipt's number."""

    reference: Word


class PayoutDetails(Value):
    details: Details


class Nothing(Value):
    """Nothing: the path says it all."""


class WaiverRequest(Value):
    reason: Annotated[Text, Field(max_length=500)]


class RefundLinks(Value):
    self: str
    subject: str
    cancellation: str | None = None
    request: str | None = None


def _links(refund: RefundSummary) -> RefundLinks:
    return RefundLinks(
        self=refund_link(refund.id),
        subject=subject_link(refund.subject),
        cancellation=cancellation_link(refund.cancellation_id) if refund.cancellation_id else None,
        request=refund_request_link(refund.request_id) if refund.request_id else None,
    )


class RefundSummaryAnswer(RefundSummary):
    links: RefundLinks

    @classmethod
    def of(cls, view: RefundSummary) -> "RefundSummaryAnswer":
        return cls.model_construct(**dict(view), links=_links(view))


class RefundAnswer(RefundDetail):
    links: RefundLinks

    @classmethod
    def of(cls, view: RefundDetail) -> "RefundAnswer":
        return cls.model_construct(**dict(view), links=_links(view))


class RequestLinks(Value):
    self: str
    subject: str
    cancellation: str | None = None
    refunds: tuple[str, ...] = ()


class RefundRequestAnswer(RefundRequestView):
    links: RequestLinks

    @classmethod
    def of(cls, view: RefundRequestView) -> "RefundRequestAnswer":
        links = RequestLinks(
            self=refund_request_link(view.id),
            subject=subject_link(view.subject),
            cancellation=cancellation_link(view.cancellation_id) if view.cancellation_id else None,
            refunds=tuple(refund_link(refund.id) for refund in view.refunds),
        )
        return cls.model_construct(**dict(view), links=links)
