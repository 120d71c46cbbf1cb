"""An order as its owner tells it, and as it stands."""

from fastapi import APIRouter, Response

from api.deps import DEFAULT_LIMIT, Ctx, Cursor, Limit, Reader, Recorder
from api.languages import accepted
from api.subjects import (
    After,
    Customer,
    Languages,
    ReportAnswer,
    Stage,
    State,
    SubjectAnswer,
    SubjectSummaryAnswer,
    receipt_answer,
)
from domain.reports import OrderReport
from domain.subjects import Kind, SubjectRef
from domain.values import Ref
from use_cases import records, subjects
from use_cases.paging import Page
from use_cases.views import EventView

router = APIRouter(prefix="/orders", tags=["orders"])


@router.put("/{order_id}", operation_id="putOrder", responses={201: {"model": ReportAnswer}})
async def put_order(
    order_id: Ref, body: OrderReport, context: Ctx, actor: Recorder, response: Response
) -> ReportAnswer:
    """Tell of an order, whole: the same again changes nothing."""
    subject = SubjectRef(kind=Kind.ORDER, id=order_id)
    receipt = await records.report(context, actor, subject, body)
    return receipt_answer(subject, receipt, response)


@router.get("", operation_id="listOrders")
async def list_orders(
    context: Ctx,
    _: Reader,
    stage: Stage = None,
    state: State = None,
    customer: Customer = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[SubjectSummaryAnswer]:
    """List orders, those told of last first."""
    page = await subjects.list_subjects(
        context,
        Kind.ORDER,
        stage=stage,
        state=state,
        customer=customer,
        limit=limit,
        after=cursor,
    )
    return Page(items=tuple(map(SubjectSummaryAnswer.of, page.items)), next=page.next)


@router.get("/{order_id}", operation_id="getOrder")
async def get_order(
    order_id: Ref, context: Ctx, _: Reader, language: Languages = None
) -> SubjectAnswer:
    """Read an order: lines, tenders, cancellations with their reasons, refunds, history."""
    subject = SubjectRef(kind=Kind.ORDER, id=order_id)
    return SubjectAnswer.of(await subjects.get(context, subject, accepted(language)))


@router.get("/{order_id}/events", operation_id="listOrderEvents")
async def list_events(order_id: Ref, context: Ctx, _: Reader, after: After = 0) -> list[EventView]:
    """Read what happened to it, in order."""
    subject = SubjectRef(kind=Kind.ORDER, id=order_id)
    return await subjects.events_of(context, subject, after)
