"""Policies and their versions."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from api.deps import Ctx, PolicyEditor, Reader
from api.documents import BODY, TEXT, Document, wants_text
from domain.texts import YAML_TYPE, Instant
from domain.values import Ref
from use_cases import policies
from use_cases.policies import PolicyKept, PolicySummary, PolicyView

router = APIRouter(prefix="/policies", tags=["policies"])

_Version = Annotated[int | None, Query(ge=1, le=2**31 - 1)]


@router.get("", operation_id="listPolicies")
async def list_policies(context: Ctx, _: Reader) -> list[PolicySummary]:
    """List the policies with their newest versions."""
    return await policies.list_policies(context)


@router.get("/schema", operation_id="getPolicySchema")
async def get_schema(_: Reader) -> dict[str, Any]:
    """Read the JSON Schema of a policy document."""
    return policies.schema()


@router.get(
    "/{policy_id}", operation_id="getPolicy", response_model=PolicyView, responses={200: TEXT}
)
async def get_policy(
    policy_id: Ref, request: Request, context: Ctx, _: Reader, version: _Version = None
) -> PolicyView | Response:
    """Read a version of a policy, or the newest; as YAML the text as it was written."""
    found = await policies.get_policy(context, policy_id, version)
    if wants_text(request):
        return Response(policies.text_of(found), media_type=YAML_TYPE)
    return found


@router.put("/{policy_id}", operation_id="putPolicy", openapi_extra=BODY)
async def put_policy(
    policy_id: Ref,
    context: Ctx,
    actor: PolicyEditor,
    received: Document,
    default: Annotated[
        bool | None, Query(description="Whether it serves subjects that name no policy.")
    ] = None,
    effective_from: Annotated[
        Instant | None, Query(description="When it comes into force, if not now.")
    ] = None,
) -> PolicyKept:
    """Keep a document as the policy's next version. Purchases keep the one they were made under.

    `warnings` name what the author may not have meant, such as situations that no rule fits.
    """
    return await policies.keep_policy(
        context,
        actor,
        policy_id,
        received.document,
        is_default=default,
        effective_from=effective_from,
        written=received.written,
    )
