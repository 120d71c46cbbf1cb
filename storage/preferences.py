"""What customers want to be written about, and in which language."""

from collections.abc import Collection
from datetime import datetime
from uuid import uuid4

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.dialects.postgresql import JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json, Key


class PreferencesRow(Base):
    """Whose they are is the merchant's reference of the customer, or an address in small letters
    for who has none. `unwanted` names the mails they can do without."""

    __tablename__ = "customer_preferences"

    id: Mapped[Key]
    customer_ref: Mapped[str | None] = mapped_column(unique=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    language: Mapped[str | None]
    zone: Mapped[str | None]
    unwanted: Mapped[Json] = mapped_column(JSONB, default=list)
    updated_at: Mapped[Instant]


async def find(session: AsyncSession, ref: str | None, email: str | None) -> PreferencesRow | None:
    """Those of the customer of this reference, else of this address."""
    ways: list[ColumnElement[bool]] = []
    if ref:
        ways.append(PreferencesRow.customer_ref == ref)
    if email:
        ways.append(PreferencesRow.email == email.lower())
    if not ways:
        return None
    found: PreferencesRow | None = await session.scalar(
        select(PreferencesRow)
        .where(or_(*ways))
        .order_by(PreferencesRow.customer_ref.is_(None))
        .limit(1)
    )
    return found


async def keep(
    session: AsyncSession,
    ref: str | None,
    email: str | None,
    *,
    language: str | None,
    zone: str | None,
    unwanted: Collection[str],
    at: datetime,
) -> None:
    """Keep them in place of those before. Nobody's are not kept."""
    who = {"customer_ref": ref} if ref else {"email": (email or "").lower()}
    if not any(who.values()):
        return
    told = {
        "language": language,
        "zone": zone,
        "unwanted": sorted(unwanted),
        "updated_at": at,
    }
    await session.execute(
        insert(PreferencesRow)
        .values(id=uuid4(), **who, **told)
        .on_conflict_do_update(index_elements=list(who), set_=told)
    )
