"""Customers' sessions on the pages, and links that open one once. Secrets are kept as hashes."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, ForeignKey, Index, delete, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Key
from storage.keys import hash_secret


class PortalSessionRow(Base):
    """Who a browser acts for: the merchant's id of the customer, an address, or both."""

    __tablename__ = "portal_sessions"
    __table_args__ = (Index("ix_portal_sessions_expires_at", "expires_at"),)

    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    customer_ref: Mapped[str | None]
    email: Mapped[str | None]
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    ended_at: Mapped[Instant | None]


class PortalLinkRow(Base):
    """A link that was mailed to a subject's customer and opens one session."""

    __tablename__ = "portal_links"
    __table_args__ = (Index("ix_portal_links_expires_at", "expires_at"),)

    id: Mapped[Key]
    secret_hash: Mapped[str] = mapped_column(unique=True)
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("subjects.id"))
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    used_at: Mapped[Instant | None]


class PortalTryRow(Base):
    """How often something was tried in a span of time, such as guessing numbers."""

    __tablename__ = "portal_tries"

    bucket: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[Instant] = mapped_column(primary_key=True)
    tries: Mapped[int]


async def open_session(
    session: AsyncSession,
    secret: str,
    customer_ref: str | None,
    email: str | None,
    at: datetime,
    until: datetime,
) -> UUID:
    row = PortalSessionRow(
        id=uuid4(),
        secret_hash=hash_secret(secret),
        customer_ref=customer_ref,
        email=email,
        created_at=at,
        expires_at=until,
    )
    session.add(row)
    return row.id


async def find_session(session: AsyncSession, secret: str, at: datetime) -> PortalSessionRow | None:
    """The session of this secret, unless it has ended."""
    found: PortalSessionRow | None = await session.scalar(
        select(PortalSessionRow).where(
            PortalSessionRow.secret_hash == hash_secret(secret),
            PortalSessionRow.expires_at > at,
            PortalSessionRow.ended_at.is_(None),
        )
    )
    return found


async def end_session(session: AsyncSession, session_id: UUID, at: datetime) -> None:
    await session.execute(
        update(PortalSessionRow).where(PortalSessionRow.id == session_id).values(ended_at=at)
    )


async def add_link(
    session: AsyncSession, secret: str, subject_id: UUID, at: datetime, until: datetime
) -> None:
    session.add(
        PortalLinkRow(
            id=uuid4(),
            secret_hash=hash_secret(secret),
            subject_id=subject_id,
            created_at=at,
            expires_at=until,
        )
    )


async def is_link_open(session: AsyncSession, secret: str, at: datetime) -> bool:
    return await session.scalar(select(PortalLinkRow.id).where(*_open(secret, at))) is not None


async def use_link(session: AsyncSession, secret: str, at: datetime) -> UUID | None:
    """Use a link up and tell whose it is: None if it was used, has expired or never was."""
    used: UUID | None = await session.scalar(
        update(PortalLinkRow)
        .where(*_open(secret, at))
        .values(used_at=at)
        .returning(PortalLinkRow.subject_id)
    )
    return used


async def count_try(session: AsyncSession, bucket: str, since: datetime) -> int:
    """Count one more try in the span of time that began then, and say how many it makes."""
    counted = await session.scalar(
        insert(PortalTryRow)
        .values(bucket=bucket, since=since, tries=1)
        .on_conflict_do_update(
            index_elements=[PortalTryRow.bucket, PortalTryRow.since],
            set_={"tries": PortalTryRow.tries + 1},
        )
        .returning(PortalTryRow.tries)
    )
    return int(counted or 0)


async def forget(session: AsyncSession, before: datetime) -> None:
    """Drop what ended before that instant, but for what somebody else drops just now."""
    for row, ended in (
        (PortalSessionRow, PortalSessionRow.expires_at),
        (PortalLinkRow, PortalLinkRow.expires_at),
    ):
        old = select(row.id).where(ended < before).with_for_update(skip_locked=True)
        await session.execute(delete(row).where(row.id.in_(old)))
    tried = tuple_(PortalTryRow.bucket, PortalTryRow.since)
    old_tries = select(PortalTryRow.bucket, PortalTryRow.since).where(PortalTryRow.since < before)
    await session.execute(
        delete(PortalTryRow).where(tried.in_(old_tries.with_for_update(skip_locked=True)))
    )


def _open(secret: str, at: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        PortalLinkRow.secret_hash == hash_secret(secret),
        PortalLinkRow.expires_at > at,
        PortalLinkRow.used_at.is_(None),
    )
