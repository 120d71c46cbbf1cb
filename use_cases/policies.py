"""Policies and their versions."""

import asyncio
from datetime import datetime
from typing import Any

from domain.errors import PolicyInvalid, PolicyNotFound
from domain.policy.lint import lint
from domain.policy.linting.findings import PolicyFinding, Severity
from domain.policy.policy import Policy, parse_policy
from domain.policy.schema import json_schema
from domain.subjects import Kind
from domain.values import Value
from storage import policies
from storage.policies import PolicyVersionRow
from use_cases.actors import Actor
from use_cases.context import Context


class PolicySummary(Value):
    """A policy and its newest version."""

    id: str
    version: int
    kinds: tuple[Kind, ...]
    is_default: bool


class PolicyView(Value):
    """One version of a policy, as its author wrote it."""

    id: str
    version: int
    document: dict[str, Any]
    in_force_from: datetime
    created_by: str


class PolicyKept(PolicyView):
    """A version as it was kept, with what its author should look at again."""

    warnings: tuple[PolicyFinding, ...] = ()


async def list_policies(context: Context) -> list[PolicySummary]:
    async with context.sessions() as session:
        return [
            PolicySummary(id=row.id, version=version, kinds=row.kinds, is_default=row.is_default)
            for row, version in await policies.newest(session)
        ]


async def get_policy(context: Context, policy_id: str, version: int | None) -> PolicyView:
    """One version, or the newest."""
    async with context.sessions() as session:
        if version is None:
            row = await policies.latest(session, policy_id)
        else:
            row = await policies.find_version(session, policy_id, version)
    if row is None:
        raise PolicyNotFound(f"there is no policy {policy_id}" + _version(version))
    return _view(row)


async def keep_policy(
    context: Context,
    actor: Actor,
    policy_id: str,
    document: dict[str, Any],
    *,
    is_default: bool | None = None,
) -> PolicyKept:
    """Keep a document as the policy's next version; the same as the newest makes none.

    Purchases keep the version they were made under. Without `is_default` the policy serves by
    default as before. Raises PolicyInvalid with each wrong place, what can't be meant included.
    """
    policy = parse_policy({"id": policy_id} | document)
    if policy.id != policy_id:
        raise PolicyInvalid(f"id: the document calls itself {policy.id}, not {policy_id}")
    warnings = await asyncio.to_thread(_look_over, policy)
    async with context.sessions.begin() as session:
        if is_default is None:
            before = await policies.find(session, policy_id)
            is_default = before is not None and before.is_default
        version = await policies.keep(
            session,
            policy_id,
            {"id": policy_id} | document,
            [kind.value for kind in policy.kinds],
            is_default=is_default,
            at=context.clock(),
            actor=actor.id,
        )
        await session.flush()
        row = await policies.find_version(session, policy_id, version)
        assert row is not None
        return PolicyKept(**dict(_view(row)), warnings=warnings)


def schema() -> dict[str, Any]:
    """The JSON Schema of a policy document, for editors and checkers."""
    return json_schema()


def _look_over(policy: Policy) -> tuple[PolicyFinding, ...]:
    """What the linter warns of. Raises PolicyInvalid for its errors."""
    found = lint(policy)
    errors = [(each.place, each.text) for each in found if each.severity is Severity.ERROR]
    if errors:
        raise PolicyInvalid("; ".join(f"{place}: {text}" for place, text in errors), errors)
    return found


def _view(row: PolicyVersionRow) -> PolicyView:
    return PolicyView(
        id=row.policy_id,
        version=row.version,
        document=row.document,
        in_force_from=row.in_force_from,
        created_by=row.created_by,
    )


def _version(version: int | None) -> str:
    return "" if version is None else f" version {version}"
