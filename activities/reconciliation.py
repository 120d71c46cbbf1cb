"""Comparing our refunds with the providers' lists, page by page."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from activities.signatures import ReconciliationSteps
from domain.contracts import FollowRefund, Reconciled, ReconcileStep
from domain.errors import ProviderUnavailable
from domain.ids import read_refund_key, refund_workflow
from domain.lifecycle import RefundState
from domain.reconciliation import (
    FOLLOWED,
    Disagreement,
    Theirs,
    compare,
    may_revive,
    missing,
    ours_of,
)
from providers.ports import ProviderRefund
from providers.registry import Providers
from storage import differences, events, reconciliations, refunds, subjects
from storage.reconciliations import PAGE, ReconciliationRow

GRACE = timedelta(minutes=5)
"""What changed so lately is still on its way to one side or the other."""

FOUND = "refund_difference"
"""The event by which a subject's history tells of it."""

_REFUND = "Refund"
"""The workflow's name: activities don't import workflows."""


class Concerned(NamedTuple):
    """A difference, and the subject whose money it is about."""

    found: Disagreement
    subject_id: UUID


class Reconciliation(ReconciliationSteps):
    """Reads lists; what it finds is noted in a transaction of its own each."""

    def __init__(
        self,
        sessions: async_sessionmaker[AsyncSession],
        providers: Providers,
        client: Client,
        task_queue: str,
        grace: timedelta = GRACE,
    ) -> None:
        self._sessions = sessions
        self._providers = providers
        self._client = client
        self._task_queue = task_queue
        self._grace = grace

    @activity.defn
    async def reconcile_refunds(self, step: ReconcileStep) -> Reconciled:
        """A provider that is away keeps no other from being looked at; then it is tried again."""
        async with self._sessions.begin() as session:
            await reconciliations.begin(session, step.run_id, step.since, step.at)
        result, away = Reconciled(), None
        for name in self._providers.names:
            try:
                result = _sum(result, await self._provider(name, step))
            except ProviderUnavailable as error:
                away = error
        if away is not None:
            raise away
        async with self._sessions.begin() as session:
            run = await session.get_one(ReconciliationRow, step.run_id)
            run.ended_at, run.listed, run.strangers = step.at, result.listed, result.strangers
            run.differences = result.differences
        return result

    async def _provider(self, name: str, step: ReconcileStep) -> Reconciled:
        """Compare all that one provider lists, then all that it should have listed."""
        result, seen = Reconciled(), set[str]()
        async for page in _pages(self._providers.get(name).listed(step.since), step.at):
            seen.update(theirs.provider_ref for theirs in page)
            concerned, strangers = await self._compare(name, page, step)
            followed = [await self._note(name, one, step) for one in concerned]
            result = _sum(
                result,
                Reconciled(
                    listed=len(page),
                    strangers=strangers,
                    differences=len(concerned),
                    followed=sum(followed),
                ),
            )
            if activity.in_activity():
                activity.heartbeat(result.listed)
        async for lost in self._unlisted(name, seen, step):
            await self._note(name, lost, step)
            result = _sum(result, Reconciled(differences=1))
        async with self._sessions.begin() as session:
            await differences.close_gone(session, name, step.since, step.at, step.at)
        return result

    async def _compare(
        self, name: str, page: Sequence[Theirs], step: ReconcileStep
    ) -> tuple[list[Concerned], int]:
        """The differences on one page, and how many are of payments that we don't know."""
        keys = [named for theirs in page if (named := read_refund_key(theirs.key or ""))]
        async with self._sessions() as session:
            rows = await reconciliations.ours(
                session, name, [one.provider_ref for one in page], [id_ for id_, _ in keys]
            )
            paid = {one.payment_ref for one in page if one.payment_ref}
            payments = await reconciliations.payments(session, name, paid)
        by_ref = {row.provider_ref: row for row in rows if row.provider_ref}
        by_id = {row.refund_id: row for row in rows}
        concerned, strangers = [], 0
        for theirs in page:
            ours = ours_of(theirs, by_ref, by_id)
            subject_id = ours.subject_id if ours else payments.get(theirs.payment_ref or "")
            if subject_id is None:
                strangers += 1
                continue
            found = compare(theirs, ours)
            if found and (ours is None or ours.touched_at <= step.at - self._grace):
                concerned.append(Concerned(found, subject_id))
        return concerned, strangers

    async def _unlisted(
        self, name: str, seen: set[str], step: ReconcileStep
    ) -> AsyncIterator[Concerned]:
        """Refunds that the provider had accepted since then, and did not list."""
        after = None
        while True:
            async with self._sessions() as session:
                page = await reconciliations.accepted(
                    session, name, step.since, step.at - self._grace, after
                )
            for ours in page:
                if ours.provider_ref not in seen:
                    yield Concerned(missing(ours), ours.subject_id)
            if len(page) < PAGE:
                return
            after = page[-1].refund_id

    async def _note(self, name: str, concerned: Concerned, step: ReconcileStep) -> bool:
        """Keep a difference, tell its subject's history once, and have its refund looked at.

        Returns whether a run looks at it.
        """
        found, subject_id = concerned
        async with self._sessions.begin() as session:
            await subjects.lock(session, subject_id)
            news = await differences.note(session, name, found, subject_id, step.at)
            if news is not None:
                await _tell(session, name, concerned, step)
            follows = found.difference in FOLLOWED
            if may_revive(found):
                follows = await _revive(session, found, step)
        if follows and found.ours is not None:
            await self._follow(found.ours.refund_id)
        return follows

    async def _follow(self, refund_id: UUID) -> None:
        """Have a refund looked at now: its open run is told, else one starts under its id."""
        await self._client.start_workflow(
            _REFUND,
            FollowRefund(refund_id=refund_id),
            id=refund_workflow(refund_id),
            task_queue=self._task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            start_signal="hint",
            static_summary="its provider tells otherwise",
        )


async def _pages(
    listed: AsyncIterator[ProviderRefund], at: datetime
) -> AsyncIterator[list[Theirs]]:
    page: list[Theirs] = []
    async for refund in listed:
        page.append(_theirs(refund, at))
        if len(page) == PAGE:
            yield page
            page = []
    if page:
        yield page


def _theirs(refund: ProviderRefund, at: datetime) -> Theirs:
    return Theirs(
        provider_ref=refund.provider_ref,
        state=refund.refund_state,
        amount=refund.amount,
        key=refund.key,
        payment_ref=refund.payment_ref,
        made_at=refund.created_at or at,
    )


async def _tell(
    session: AsyncSession, name: str, concerned: Concerned, step: ReconcileStep
) -> None:
    found = concerned.found
    known = found.theirs or found.ours
    assert known is not None
    await events.record(
        session,
        concerned.subject_id,
        FOUND,
        step.at,
        data={
            "difference": found.difference,
            "provider": name,
            "provider_ref": found.provider_ref,
            "refund": str(found.ours.refund_id) if found.ours else None,
            "provider_state": found.theirs.state if found.theirs else None,
            "amount_minor": known.amount.minor,
            "currency": known.amount.currency,
        },
    )


async def _revive(session: AsyncSession, found: Disagreement, step: ReconcileStep) -> bool:
    """Take up again what we had given up and the provider made; False if it no longer fits.

    The money left, so the row says so whatever was thought of the attempt; its run then reads how
    it stands.
    """
    assert found.ours is not None
    row = await refunds.find(session, found.ours.refund_id)
    if row is None or row.state not in (RefundState.FAILED, RefundState.OWED):
        return True
    if not await refunds.try_move(session, row, RefundState.REQUESTED, step.at):
        return False
    row.provider_ref, row.failure, row.may_retry = found.provider_ref, None, False
    await refunds.move(session, row, RefundState.PENDING, step.at)
    await events.record(
        session,
        row.subject_id,
        "refund_pending",
        step.at,
        cancellation_id=row.cancellation_id,
        data={
            "refund": str(row.id),
            "tender": row.tender_id,
            "method": row.method,
            "amount_minor": row.amount_minor,
            "currency": row.currency,
            "failure": None,
        },
    )
    return True


def _sum(one: Reconciled, other: Reconciled) -> Reconciled:
    return Reconciled(
        listed=one.listed + other.listed,
        strangers=one.strangers + other.strangers,
        differences=one.differences + other.differences,
        followed=one.followed + other.followed,
    )
