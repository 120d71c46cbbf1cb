"""Policies and their versions. A version never changes once it is there."""

from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import ForeignKey, Text, func, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from domain.texts import YAML_TYPE
from storage.base import Base, Instant, Json


class PolicyRow(Base):
    """A policy by name. `kinds` lists the kinds of subject it may serve, `is_default` whether it
    serves those that name no policy."""

    __tablename__ = "policies"

    id: Mapped[str] = mapped_column(primary_key=True)
    kinds: Mapped[Json] = mapped_column(JSONB)
    is_default: Mapped[bool] = mapped_column(default=False)
    settings: Mapped[Json] = mapped_column(JSONB, default=dict)
    created_at: Mapped[Instant]


class PolicyVersionRow(Base):
    """`document` is what holds, `source` the text its author wrote: what that extends is not in it.
    Without a text it was written as the document says."""

    __tablename__ = "policy_versions"

    policy_id: Mapped[str] = mapped_column(ForeignKey("policies.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    document: Mapped[Json] = mapped_column(JSONB)
    source: Mapped[str | None] = mapped_column(Text)
    media_type: Mapped[str | None] = mapped_column(Text)
    in_force_from: Mapped[Instant]
    created_by: Mapped[str]

    def says(self, document: dict[str, object], source: str | None, media_type: str | None) -> bool:
        """Whether this is the same again. In YAML its author's remarks count as well."""
        is_same_text = media_type != YAML_TYPE or self.source == source
        return self.document == document and is_same_text


class Conditional(NamedTuple):
    """A version of a policy of which some version says what it applies to."""

    policy_id: str
    version: int
    in_force_from: datetime
    has_condition: bool


async def find_version(
    session: AsyncSession, policy_id: str, version: int
) -> PolicyVersionRow | None:
    return await session.get(PolicyVersionRow, (policy_id, version))


async def current(session: AsyncSession, policy_id: str, at: datetime) -> PolicyVersionRow | None:
    """The version in force at that instant, if any; of two from the same instant the later."""
    return await session.scalar(
        select(PolicyVersionRow)
        .where(PolicyVersionRow.policy_id == policy_id, PolicyVersionRow.in_force_from <= at)
        .order_by(PolicyVersionRow.in_force_from.desc(), PolicyVersionRow.version.desc())
        .limit(1)
    )


async def in_force(session: AsyncSession, policy_id: str, at: datetime) -> PolicyVersionRow | None:
    """The version in force at that instant; if none was, the earliest there is."""
    if found := await current(session, policy_id, at):
        return found
    return await session.scalar(
        select(PolicyVersionRow)
        .where(PolicyVersionRow.policy_id == policy_id)
        .order_by(PolicyVersionRow.version)
        .limit(1)
    )


async def default_for(session: AsyncSession, kind: str) -> str | None:
    """The policy that serves this kind of subject when none is named."""
    return await session.scalar(
        select(PolicyRow.id)
        .where(PolicyRow.is_default, PolicyRow.kinds.contains([kind]))
        .order_by(PolicyRow.created_at.desc(), PolicyRow.id)
        .limit(1)
    )


async def conditional(session: AsyncSession) -> list[list[Conditional]]:
    """The policies that say what they apply to, or did once: all versions of each, newest first."""
    has_condition = PolicyVersionRow.document.has_key("applies_to")
    found = await session.execute(
        select(
            PolicyVersionRow.policy_id,
            PolicyVersionRow.version,
            PolicyVersionRow.in_force_from,
            has_condition,
        )
        .where(
            PolicyVersionRow.policy_id.in_(select(PolicyVersionRow.policy_id).where(has_condition))
        )
        .order_by(
            PolicyVersionRow.policy_id,
            PolicyVersionRow.in_force_from.desc(),
            PolicyVersionRow.version.desc(),
        )
    )
    rows = (Conditional(*row) for row in found)
    return [list(versions) for _, versions in groupby(rows, key=lambda row: row.policy_id)]


async def of_instant(session: AsyncSession, at: datetime) -> list[PolicyVersionRow]:
    """The versions that come into force at exactly this instant."""
    found = await session.scalars(
        select(PolicyVersionRow)
        .where(PolicyVersionRow.in_force_from == at)
        .order_by(PolicyVersionRow.policy_id, PolicyVersionRow.version)
    )
    return list(found)


async def latest(session: AsyncSession, policy_id: str) -> PolicyVersionRow | None:
    return await session.scalar(
        select(PolicyVersionRow)
        .where(PolicyVersionRow.policy_id == policy_id)
        .order_by(PolicyVersionRow.version.desc())
        .limit(1)
    )


async def find(session: AsyncSession, policy_id: str) -> PolicyRow | None:
    return await session.get(PolicyRow, policy_id)


async def newest(session: AsyncSession) -> list[tuple[PolicyRow, int]]:
    """Every policy with the number of its newest version, by name."""
    found = await session.execute(
        select(PolicyRow, func.max(PolicyVersionRow.version))
        .join(PolicyVersionRow, PolicyVersionRow.policy_id == PolicyRow.id)
        .group_by(PolicyRow.id)
        .order_by(PolicyRow.id)
    )
    return [(row, version) for row, version in found]


async def keep(
    session: AsyncSession,
    policy_id: str,
    document: dict[str, object],
    kinds: list[str],
    *,
    is_default: bool,
    at: datetime,
    actor: str,
    source: str | None = None,
    media_type: str | None = None,
) -> int:
    """Keep a document as the policy's next version, in force from `at`, and return its number.

    One that says what is in force by then anyway makes no new version.
    """
    await session.execute(
        insert(PolicyRow)
        .values(id=policy_id, kinds=kinds, is_default=is_default, settings={}, created_at=at)
        .on_conflict_do_update(
            index_elements=[PolicyRow.id], set_={"kinds": kinds, "is_default": is_default}
        )
    )
    await session.execute(select(PolicyRow.id).where(PolicyRow.id == policy_id).with_for_update())
    before = await current(session, policy_id, at)
    if before is not None and before.says(document, source, media_type):
        return before.version
    highest = await session.scalar(
        select(func.max(PolicyVersionRow.version)).where(PolicyVersionRow.policy_id == policy_id)
    )
    version = 1 + (highest or 0)
    session.add(
        PolicyVersionRow(
            policy_id=policy_id,
            version=version,
            document=document,
            source=source,
            media_type=media_type,
            in_force_from=at,
            created_by=actor,
        )
    )
    return version
