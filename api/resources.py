"""What can be booked, and when it is free."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from api.deps import DEFAULT_LIMIT, Ctx, Cursor, Limit, Reader, Recorder
from domain.records import Receipt
from domain.resources import Resource
from domain.slots import Slot
from domain.texts import Instant
from domain.values import Ref
from use_cases import resources
from use_cases.paging import Page
from use_cases.resources import ResourceView

router = APIRouter(prefix="/resources", tags=["resources"])


@router.put("/{resource_id}", operation_id="putResource", responses={201: {"model": ResourceView}})
async def put_resource(
    resource_id: Ref, body: Resource, context: Ctx, _: Recorder, response: Response
) -> ResourceView:
    """Add a resource or change it. What is reserved already stays as it is."""
    if await resources.put(context, resource_id, body) is Receipt.CREATED:
        response.status_code = 201
        response.headers["Location"] = f"/v1/resources/{resource_id}"
    return await resources.get(context, resource_id)


@router.get("", operation_id="listResources")
async def list_resources(
    context: Ctx, _: Reader, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[ResourceView]:
    """List resources by their id."""
    return await resources.list_resources(context, limit=limit, after=cursor)


@router.get("/{resource_id}", operation_id="getResource")
async def get_resource(resource_id: Ref, context: Ctx, _: Reader) -> ResourceView:
    """Read a resource."""
    return await resources.get(context, resource_id)


@router.get("/{resource_id}/slots", operation_id="listSlots")
async def list_slots(
    resource_id: Ref,
    context: Ctx,
    _: Reader,
    start: Annotated[Instant, Query(alias="from")],
    end: Annotated[Instant, Query(alias="to")],
    minutes: Annotated[
        int | None, Query(ge=1, le=1440, description="How long, if not one slot of the resource.")
    ] = None,
) -> list[Slot]:
    """List free slots in the resource's zone, from now at the earliest, up to 93 days at once."""
    return await resources.free_slots(context, resource_id, start, end, minutes)
