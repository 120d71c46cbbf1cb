"""Sending letters about declarations of withdrawal that could not be sent at once."""

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity

from activities.signatures import WithdrawalSteps
from domain.contracts import Batch, BatchResult
from notifications.smtp import Mailer
from storage import withdrawal_letters


class Withdrawals(WithdrawalSteps):
    def __init__(self, sessions: async_sessionmaker[AsyncSession], mailer: Mailer) -> None:
        self._sessions = sessions
        self._mailer = mailer

    @activity.defn
    async def send_withdrawal_letters(self, batch: Batch) -> BatchResult:
        sent = await withdrawal_letters.send_due(self._sessions, self._mailer.send, batch.at)
        return BatchResult(handled=sent)
