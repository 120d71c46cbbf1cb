"""The catalogue of reasons."""

from typing import Annotated

from fastapi import APIRouter, Header

from api.deps import Ctx, PolicyEditor, Reader
from api.languages import accepted
from api.schemas import ReasonDocument
from domain.reasons import Reason
from domain.subjects import Kind
from domain.values import Code
from use_cases import reasons
from use_cases.reasons import OfferedReason

router = APIRouter(prefix="/reasons", tags=["reasons"])


@router.get("", operation_id="listReasons")
async def list_reasons(
    context: Ctx,
    _: Reader,
    kind: Kind | None = None,
    language: Annotated[str | None, Header(alias="Accept-Language", max_length=500)] = None,
) -> list[OfferedReason]:
    """List the reasons to choose from, for one kind of subject or all, in the reader's language."""
    return await reasons.list_reasons(context, kind, accepted(language))


@router.put("/{code}", operation_id="putReason")
async def put_reason(code: Code, body: ReasonDocument, context: Ctx, _: PolicyEditor) -> Reason:
    """Add a reason or change it."""
    return await reasons.keep_reason(context, body.reason(code))
