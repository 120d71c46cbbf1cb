"""What orders and appointments have in common over HTTP."""

from typing import Annotated

from fastapi import Header, Query, Response

from api.schemas import cancellation_link, subject_link
from domain.lifecycle import SubjectState
from domain.records import Receipt
from domain.subjects import Kind, SubjectRef
from domain.texts import Word
from domain.values import Value
from use_cases.subject_views import SubjectSummary, SubjectView

Stage = Annotated[Word | None, Query(description="The merchant's own word.")]
State = Annotated[SubjectState | None, Query(description="How far a cancellation has come.")]
Customer = Annotated[Word | None, Query(description="The merchant's `ref` of the customer.")]
After = Annotated[int, Query(ge=0, le=2**31 - 1, description="Only later ones in the sequence.")]
Languages = Annotated[str | None, Header(alias="Accept-Language", max_length=500)]


class SubjectLinks(Value):
    """`part_of` leads to the order that an appointment is a line of, where it is cancelled."""

    self: str
    events: str
    part_of: str | None = None
    cancellations: tuple[str, ...] = ()
    appointments: tuple[str, ...] = ()


class SubjectAnswer(SubjectView):
    links: SubjectLinks

    @classmethod
    def of(cls, view: SubjectView) -> "SubjectAnswer":
        here = subject_link(SubjectRef(kind=view.kind, id=view.id))
        order = view.part_of and SubjectRef(kind=Kind.ORDER, id=view.part_of.order)
        links = SubjectLinks(
            self=here,
            events=f"{here}/events",
            part_of=subject_link(order) if order else None,
            cancellations=tuple(cancellation_link(past.id) for past in view.cancellations),
            appointments=tuple(
                subject_link(SubjectRef(kind=Kind.APPOINTMENT, id=id_)) for id_ in view.appointments
            ),
        )
        return cls.model_construct(**dict(view), links=links)


class SummaryLinks(Value):
    self: str
    events: str


class SubjectSummaryAnswer(SubjectSummary):
    links: SummaryLinks

    @classmethod
    def of(cls, summary: SubjectSummary) -> "SubjectSummaryAnswer":
        here = subject_link(SubjectRef(kind=summary.kind, id=summary.id))
        links = SummaryLinks(self=here, events=f"{here}/events")
        return cls.model_construct(**dict(summary), links=links)


class ReportAnswer(Value):
    """What came of a report, and where to read what is known now."""

    kind: Kind
    id: str
    status: Receipt
    links: SummaryLinks


def receipt_answer(subject: SubjectRef, receipt: Receipt, response: Response) -> ReportAnswer:
    """201 with the place of what is new, 200 for a change or none."""
    here = subject_link(subject)
    if receipt is Receipt.CREATED:
        response.status_code = 201
        response.headers["Location"] = here
    return ReportAnswer(
        kind=subject.kind,
        id=subject.id,
        status=receipt,
        links=SummaryLinks(self=here, events=f"{here}/events"),
    )
