"""Files that customers sent with their requests, for those who decide."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response

from api.deps import Ctx, Decider
from domain.evidence import ENDINGS
from use_cases import evidence
from use_cases.evidence import FileView

router = APIRouter(prefix="/cancellations/{cancellation_id}/evidence", tags=["cancellations"])

Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="`number` of a file in the list.")]

_FILE: dict[int | str, dict[str, Any]] = {
    200: {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in ENDINGS}}
}


@router.get("", operation_id="listEvidence")
async def list_evidence(cancellation_id: UUID, context: Ctx, _: Decider) -> list[FileView]:
    """List the files that came with a request, in the order they came in. They are deleted some
    time after the decision."""
    return await evidence.of_cancellation(context, cancellation_id)


@router.get("/{number}", operation_id="getEvidence", response_class=Response, responses=_FILE)
async def get_evidence(cancellation_id: UUID, number: Number, context: Ctx, _: Decider) -> Response:
    """Read a file as it was sent, to be saved. Its media type is what its content says."""
    file = await evidence.get(context, cancellation_id, number)
    return Response(file.content, media_type=file.media_type, headers=dict(file.headers))
