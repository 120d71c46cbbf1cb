"""The letters about declarations of withdrawal, written when these came in and sent as they are."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, Index, and_, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from sqlalchemy.orm import Mapped, mapped_column

from domain.errors import MailRefused, MailUnsent
from storage.base import Base, Instant, words

LEASE = timedelta(minutes=5)
"""How long an attempt has a letter to itself: longer than any attempt may live."""

PATIENCE = timedelta(minutes=5)
"""After this a declaration whose outcome nobody noted is put before a person."""

SOME = 20

Post = Callable[[EmailMessage], Awaitable[None]]
"""Sends a mail. Raises MailRefused or MailUnsent."""


class LetterState(StrEnum):
    """Held until it is known whether the declaration needs a person; then due, or needless.

    Parked is what no server will ever take; it waits for a person.
    """

    HELD = "held"
    DUE = "due"
    SENT = "sent"
    PARKED = "parked"
    NEEDLESS = "needless"


class WithdrawalLetterRow(Base):
    """A letter to its `audience`, customer or business: `content` is the whole mail, with a
    Message-ID by which a receiver can drop a second copy."""

    __tablename__ = "withdrawal_letters"
    __table_args__ = (
        Index(
            "ix_withdrawal_letters_waiting",
            "created_at",
            postgresql_where=text("state in ('held', 'due')"),
        ),
    )

    withdrawal_id: Mapped[UUID] = mapped_column(ForeignKey("withdrawals.id"), primary_key=True)
    audience: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes]
    state: Mapped[LetterState] = mapped_column(words(LetterState))
    attempts: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]
    created_at: Mapped[Instant]
    claimed_at: Mapped[Instant | None]
    sent_at: Mapped[Instant | None]


def add(
    session: AsyncSession,
    withdrawal_id: UUID,
    audience: str,
    content: bytes,
    state: LetterState,
    at: datetime,
) -> None:
    session.add(
        WithdrawalLetterRow(
            withdrawal_id=withdrawal_id,
            audience=audience,
            content=content,
            state=state,
            created_at=at,
        )
    )


async def find(
    session: AsyncSession, withdrawal_id: UUID, audience: str
) -> WithdrawalLetterRow | None:
    return await session.get(WithdrawalLetterRow, (withdrawal_id, audience))


async def release(session: AsyncSession, withdrawal_id: UUID, state: LetterState) -> None:
    """Say what becomes of a letter that was held. Once said it stays so."""
    await session.execute(
        update(WithdrawalLetterRow)
        .where(
            WithdrawalLetterRow.withdrawal_id == withdrawal_id,
            WithdrawalLetterRow.state == LetterState.HELD,
        )
        .values(state=state)
    )


async def send_due(
    sessions: async_sessionmaker[AsyncSession],
    post: Post,
    at: datetime,
    withdrawal_id: UUID | None = None,
) -> int:
    """Send what is due, all of it or that of one declaration, and say how many went out.

    Two at once don't both send a letter. What can't be sent now stays due.
    """
    async with sessions.begin() as session:
        letters = await _claim(session, at, withdrawal_id)
    sent = 0
    for letter in letters:
        state, failure = await _send(letter, post)
        async with sessions.begin() as session:
            await _note(session, letter, state, failure, at)
        sent += state is LetterState.SENT
    return sent


async def _claim(
    session: AsyncSession, at: datetime, withdrawal_id: UUID | None
) -> list[WithdrawalLetterRow]:
    row = WithdrawalLetterRow
    is_late = and_(row.state == LetterState.HELD, row.created_at < at - PATIENCE)
    is_free = or_(row.claimed_at.is_(None), row.claimed_at < at - LEASE)
    wanted = select(row).where(or_(row.state == LetterState.DUE, is_late), is_free)
    if withdrawal_id is not None:
        wanted = wanted.where(row.withdrawal_id == withdrawal_id)
    found = await session.scalars(
        wanted.order_by(row.created_at).limit(SOME).with_for_update(skip_locked=True)
    )
    letters = list(found)
    for letter in letters:
        letter.state, letter.claimed_at = LetterState.DUE, at
        letter.attempts += 1
    return letters


async def _send(letter: WithdrawalLetterRow, post: Post) -> tuple[LetterState, str | None]:
    """Send one. Codes say why not, never an address."""
    mail = message_from_bytes(letter.content, policy=policy.default)
    try:
        await post(mail)
    except MailRefused as error:
        return LetterState.PARKED, str(error)
    except MailUnsent as error:
        return LetterState.DUE, str(error)
    return LetterState.SENT, None


async def _note(
    session: AsyncSession,
    letter: WithdrawalLetterRow,
    state: LetterState,
    failure: str | None,
    at: datetime,
) -> None:
    """Write down what became of a letter; one that failed is free again after its lease."""
    await session.execute(
        update(WithdrawalLetterRow)
        .where(
            WithdrawalLetterRow.withdrawal_id == letter.withdrawal_id,
            WithdrawalLetterRow.audience == letter.audience,
        )
        .values(state=state, failure=failure, sent_at=at if state is LetterState.SENT else None)
    )
