"""Policies and their versions."""

from typing import Annotated, Any

from fastapi import APIRouter, Query

from api.deps import Ctx, PolicyEditor, Reader
from api.schemas import PolicyDocument
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


@router.get("/{policy_id}", operation_id="getPolicy")
async def get_policy(
    policy_id: Ref, context: Ctx, _: Reader, version: _Version = None
) -> PolicyView:
    """Read a version of a policy, or the newest."""
    return await policies.get_policy(context, policy_id, version)


@router.put("/{policy_id}", operation_id="putPolicy")
async def put_policy(
    policy_id: Ref,
    document: PolicyDocument,
    context: Ctx,
    actor: PolicyEditor,
    default: Annotated[
        bool | None, Query(description="Whether it serves subjects that name no policy.")
    ] = None,
) -> PolicyKept:
    """Keep a document as the policy's next version. Purchases keep the one they were made under.

    `warnings` name what the author may not have meant, such as situations that no rule fits.
    """
    return await policies.keep_policy(context, actor, policy_id, document, is_default=default)
