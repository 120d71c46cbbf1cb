"""Sending the mails that were planned with what they tell of."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.letters import UNWANTED, write
from activities.news import Case, load
from activities.places import Places
from activities.request_news import RequestCase, load_request
from activities.signatures import NotificationSteps
from domain.contracts import Mailing
from domain.errors import MailRefused, MailUnsent
from notifications import mail
from notifications.smtp import Line, Mailer
from storage import events, notifications
from storage.notifications import NotificationRow, NotificationState

PATIENCE = timedelta(seconds=30)
"""For all mails of one attempt, so that it ends before its time-out."""

LEASE = timedelta(minutes=2)
"""How long an attempt's claim counts: longer than any attempt may live."""

Outcome = tuple[NotificationState, str]
"""Where a mail came to, and why if it wasn't sent: codes, never an address."""


class MailSettings(Places):
    """Who writes. `sender` and `business` are as in a header: `Name <name@domain>`."""

    sender: str
    business: str


class Notifications(NotificationSteps):
    """Mails over SMTP, which has no idempotency.

    Two attempts at once don't both send a mail: each claims it first. A crash after the server
    took it and before that is noted sends it once more, with the same Message-ID, by which a
    receiver can drop it.
    """

    def __init__(
        self, sessions: async_sessionmaker[AsyncSession], mailer: Mailer, settings: MailSettings
    ) -> None:
        sender = mail.parse_address(settings.sender)
        if sender is None:
            raise ValueError("the sender of mails is no mail address")
        self.sessions = sessions
        self.mailer = mailer
        self.settings = settings
        self.sender = sender
        self.business = mail.parse_address(settings.business)

    @activity.defn
    async def send_notifications(self, step: Mailing) -> None:
        """Send what is due. Raises MailUnsent if some mails have to be tried again.

        One the server will never take, and one without an address, are parked and are no error.
        """
        async with self.sessions.begin() as session:
            rows, others = await notifications.claim(session, step.about, datetime.now(UTC), LEASE)
            case = await _load(session, rows[0]) if rows else None
        outcomes = await self._deliver(step, rows, case) if case else {}
        failures = [why for state, why in outcomes.values() if state is NotificationState.DUE]
        if others:
            failures.append("another attempt is at it")
        if failures:
            told = "; ".join(failures)
            raise MailUnsent(f"mails about {step.about} wait: {told}")

    @activity.defn
    async def park_notifications(self, step: Mailing) -> None:
        """Leave what is still due to a person. Repeating it finds nothing left."""
        async with self.sessions.begin() as session:
            for row in await notifications.due(session, step.about):
                await _park(session, row, "gave_up", row.failure or "gave_up", step.at)

    async def _deliver(
        self, step: Mailing, rows: list[NotificationRow], case: Case | RequestCase
    ) -> Mapping[UUID, Outcome]:
        """Send mails over one connection and note what became of each, also when cut short."""
        outcomes: dict[UUID, Outcome] = {
            row.id: (NotificationState.DUE, "not reached in time") for row in rows
        }
        try:
            async with asyncio.timeout(PATIENCE.total_seconds()), self.mailer.connected() as line:
                for row in rows:
                    outcomes[row.id] = await self._send(line, row, case)
        except TimeoutError:
            pass
        finally:
            await self._note(step, rows, outcomes)
        return outcomes

    async def _send(self, line: Line, row: NotificationRow, case: Case | RequestCase) -> Outcome:
        letter = write(row, case, self.settings, self.sender, self.business)
        if isinstance(letter, str):
            is_needless = letter == UNWANTED
            return NotificationState.NEEDLESS if is_needless else NotificationState.PARKED, letter
        try:
            await line.send(letter)
        except MailRefused as error:
            return NotificationState.PARKED, f"refused: {error}"
        except MailUnsent as error:
            return NotificationState.DUE, str(error)
        return NotificationState.SENT, ""

    async def _note(
        self, step: Mailing, rows: list[NotificationRow], outcomes: Mapping[UUID, Outcome]
    ) -> None:
        """Write down in one transaction what became of the mails."""
        at = max(step.at, datetime.now(UTC))
        sent = [row.id for row in rows if outcomes[row.id][0] is NotificationState.SENT]
        async with self.sessions.begin() as session:
            for row in rows:
                state, why = outcomes[row.id]
                if state is NotificationState.PARKED:
                    await _park(session, row, why, why, at)
                elif state is NotificationState.DUE:
                    await notifications.give_back(session, row.id, why)
                elif state is NotificationState.NEEDLESS:
                    await notifications.leave_out(session, row.id, why)
            if sent:
                await notifications.mark_sent(session, sent, at)


async def _load(session: AsyncSession, row: NotificationRow) -> Case | RequestCase:
    if row.cancellation_id is not None:
        return await load(session, row.cancellation_id)
    assert row.request_id is not None
    return await load_request(session, row.request_id)


async def _park(
    session: AsyncSession, row: NotificationRow, reason: str, failure: str, at: datetime
) -> None:
    """Park a mail that is due, and record it once."""
    if not await notifications.park(session, row.id, failure):
        return
    await events.record(
        session,
        row.subject_id,
        "notification_parked",
        at,
        cancellation_id=row.cancellation_id,
        data={
            "notification_id": str(row.id),
            "template": row.template,
            "audience": row.audience,
            "reason": reason,
        },
    )
