"""Policies and their versions."""

import asyncio
from datetime import datetime
from typing import Any

import yaml

from domain.errors import EffectiveInPast, PolicyInvalid, PolicyNotFound
from domain.policy.lint import lint
from domain.policy.linting.findings import PolicyFinding, Severity
from domain.policy.policy import Policy
from domain.policy.schema import json_schema
from domain.subjects import Kind
from domain.values import Value
from storage import policies
from storage.policies import PolicyVersionRow
from use_cases.actors import Actor
from use_cases.context import Context
from use_cases.intake import CLOCK_SKEW
from use_cases.policy_texts import Written, resolve, write


class PolicySummary(Value):
    """A policy and its newest version."""

    id: str
    version: int
    kinds: tuple[Kind, ...]
    is_default: bool


class PolicyView(Value):
    """One version of a policy: what holds, with what it extends written out, and the text as its
    author wrote it."""

    id: str
    version: int
    document: dict[str, Any]
    source: str | None = None
    media_type: str | None = None
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
    effective_from: datetime | None = None,
    written: Written | None = None,
) -> PolicyKept:
    """Keep a document as the policy's next version; one that says the same makes none.

    It is in force from now, or `effective_from`. Purchases keep the version they were made under.
    Without `is_default` the policy serves by default as before. Raises EffectiveInPast, and
    PolicyInvalid with each wrong place, what can't be meant included.
    """
    at = _effective(context.clock(), effective_from)
    async with context.sessions() as session:
        policy = (await resolve(session, policy_id, document, at)).policy
    warnings = await asyncio.to_thread(_look_over, policy)
    async with context.sessions.begin() as session:
        resolved = await resolve(session, policy_id, document, at)
        version = await write(
            session, resolved, is_default=is_default, at=at, actor=actor.id, written=written
        )
        await session.flush()
        row = await policies.find_version(session, policy_id, version)
        assert row is not None
        return PolicyKept(**dict(_view(row)), warnings=warnings)


def text_of(policy: PolicyView) -> str:
    """The text as it was written, or, where nobody wrote one, the document as YAML."""
    if policy.source is not None:
        return policy.source
    return yaml.safe_dump(policy.document, allow_unicode=True, sort_keys=False)


def schema() -> dict[str, Any]:
    """The JSON Schema of a policy document, for editors and checkers."""
    return json_schema()


def _effective(now: datetime, asked: datetime | None) -> datetime:
    if asked is None:
        return now
    if asked < now - CLOCK_SKEW:
        raise EffectiveInPast(f"effective_from lies in the past: {asked.isoformat()}")
    return max(asked, now)


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
        source=row.source,
        media_type=row.media_type,
        in_force_from=row.in_force_from,
        created_by=row.created_by,
    )


def _version(version: int | None) -> str:
    return "" if version is None else f" version {version}"
