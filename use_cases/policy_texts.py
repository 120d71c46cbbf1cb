"""Policies as their authors write them, and what they become with all that they refer to."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import PolicyInvalid
from domain.policy.policy import Policy
from domain.policy.reading.overlay import overlaid
from domain.policy.reading.plain import plain
from domain.policy.reading.policies import parse_policy
from storage import policies


class Written(NamedTuple):
    """A text with its media type."""

    text: str
    media_type: str


class Resolved(NamedTuple):
    """A policy, and its document with what it extends written out."""

    policy: Policy
    document: dict[str, Any]


async def resolve(
    session: AsyncSession, policy_id: str, document: Mapping[str, Any], at: datetime
) -> Resolved:
    """Read a document that is to hold from `at`. Raises PolicyInvalid with each wrong place: what
    it extends and the laws it names have to be there."""
    named = {"id": policy_id, **document}
    others = await _extended(session, named.get("extends"), at)
    policy = parse_policy(named, others.get)
    problems = [*_wrong_name(policy, policy_id)]
    for place, law in enumerate(policy.document.laws):
        if law == policy_id or await policies.find(session, law) is None:
            problems.append((f"laws[{place}]", f"there is no other policy {law!r}"))
    problems += await _ties(session, policy, at)
    if problems:
        raise PolicyInvalid("; ".join(f"{place}: {text}" for place, text in problems), problems)
    return Resolved(policy, plain(overlaid(named, others.get)))


async def write(
    session: AsyncSession,
    resolved: Resolved,
    *,
    is_default: bool | None,
    at: datetime,
    actor: str,
    written: Written | None = None,
) -> int:
    """Keep it as the policy's next version, unless the same holds from then on anyway.

    Without `is_default` the policy serves by default as before.
    """
    policy = resolved.policy
    if is_default is None:
        before = await policies.find(session, policy.id)
        is_default = before is not None and before.is_default
    return await policies.keep(
        session,
        policy.id,
        resolved.document,
        [kind.value for kind in policy.kinds],
        is_default=is_default,
        at=at,
        actor=actor,
        source=written.text if written else None,
        media_type=written.media_type if written else None,
    )


async def _extended(
    session: AsyncSession, name: object, at: datetime
) -> dict[str, Mapping[str, Any]]:
    """The document that is extended, as it holds then; whatever that extends is in it."""
    if not isinstance(name, str):
        return {}
    found = await policies.current(session, name, at)
    return {name: found.document} if found else {}


def _wrong_name(policy: Policy, policy_id: str) -> list[tuple[str, str]]:
    if policy.id == policy_id:
        return []
    return [("id", f"the document calls itself {policy.id}, not {policy_id}")]


async def _ties(session: AsyncSession, policy: Policy, at: datetime) -> list[tuple[str, str]]:
    """Another policy for the very same purchases, from the same instant and with equal priority."""
    asked = policy.document.applies_to
    if asked is None:
        return []
    for other in await policies.of_instant(session, at):
        document = other.document
        is_alike = (
            other.policy_id != policy.id
            and document.get("applies_to") == asked.root
            and document.get("priority", 0) == policy.document.priority
        )
        if is_alike:
            text = f"{other.policy_id} applies to the same from the same instant; give a priority"
            return [("applies_to", text)]
    return []
