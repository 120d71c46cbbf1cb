"""API keys, stored as hashes, and the staff who act."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json, Key


class ApiKeyRow(Base):
    """A key's secret has 256 random bits, so a plain hash of it is safe to keep."""

    __tablename__ = "api_keys"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(unique=True)
    secret_hash: Mapped[str] = mapped_column(unique=True)
    scopes: Mapped[Json] = mapped_column(JSONB)
    created_at: Mapped[Instant]
    revoked_at: Mapped[Instant | None]


class StaffRow(Base):
    __tablename__ = "staff"

    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str]
    role: Mapped[str]
    created_at: Mapped[Instant]


def new_secret() -> str:
    return f"rsc_{secrets.token_urlsafe(32)}"


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


async def find(session: AsyncSession, secret: str) -> ApiKeyRow | None:
    """The key with this secret, unless it was revoked."""
    return await session.scalar(
        select(ApiKeyRow).where(
            ApiKeyRow.secret_hash == hash_secret(secret), ApiKeyRow.revoked_at.is_(None)
        )
    )


async def keep(
    session: AsyncSession, name: str, secret: str, scopes: Collection[str], at: datetime
) -> UUID:
    """Add a key or give the one of this name a new secret and scopes."""
    values = {
        "secret_hash": hash_secret(secret),
        "scopes": sorted(scopes),
        "created_at": at,
        "revoked_at": None,
    }
    key_id: UUID | None = await session.scalar(
        insert(ApiKeyRow)
        .values(id=uuid4(), name=name, **values)
        .on_conflict_do_update(index_elements=[ApiKeyRow.name], set_=values)
        .returning(ApiKeyRow.id)
    )
    assert key_id is not None
    return key_id
