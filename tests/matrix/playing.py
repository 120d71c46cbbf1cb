"""Playing a scene to its end as a merchant would: approving, resolving, sweeping where due."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

from temporalio.client import WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from domain.attention import Choice
from domain.errors import AlreadyAnswered, ChoiceNotAllowed, NeedsAttention
from domain.lifecycle import REFUND_AT_REST
from storage import notifications
from tests.end_to_end.conftest import DESK, MANAGER
from tests.matrix.stage import Scene, Stage
from use_cases import cancellations, replies, resolutions, status
from use_cases.intake import Asked, AskedLine
from use_cases.resolutions import Decided
from use_cases.views import CancellationView, EventView, RefundView, Status

LOOK = 0.4
"""Seconds between looks at a cancellation."""

PATIENCE = 170.0
"""Seconds for a cancellation to end: the longest time-out, twice, and a slow machine."""

_TOO_LATE = (AlreadyAnswered, ChoiceNotAllowed, NeedsAttention)


@dataclass
class Play:
    """One cancellation on its way."""

    stage: Stage
    scene: Scene
    n: int
    id: UUID
    first_run: str
    refund_run: str = ""
    swept: bool = False
    resolved_at: dict[str, float] = field(default_factory=dict)

    @classmethod
    async def begin(
        cls, stage: Stage, scene: Scene, n: int = 1, lines: tuple[AskedLine, ...] = ()
    ) -> "Play":
        """Ask for it. The decision may take longer than the answer."""
        asked = Asked(subject=scene.ref, lines=lines)
        answer = await cancellations.request_cancellation(stage.context, DESK, asked)
        play = cls(stage, scene, n, answer.id, "")
        play.first_run = await play._run_id()
        return play

    async def end(self) -> CancellationView:
        """Help it along until it is at rest, its money and mails too, and its runs are closed."""
        async with asyncio.timeout(PATIENCE):
            while not await self._is_over():  # noqa: ASYNC110
                await asyncio.sleep(LOOK)
        return await self.seen()

    async def until_approved(self) -> None:
        """Wait for the decision and say yes, if the cancellation comes that far."""
        async with asyncio.timeout(PATIENCE):
            while (await self.seen()).state in (Status.RECEIVED, Status.AWAITING_APPROVAL):
                if await self._approve():
                    return
                await asyncio.sleep(LOOK)

    async def seen(self) -> CancellationView:
        return await status.get_cancellation(self.stage.context, self.id)

    async def _approve(self) -> bool:
        seen = await self.seen()
        if seen.state is not Status.AWAITING_APPROVAL:
            return False
        with suppress(*_TOO_LATE):
            await replies.approve(self.stage.context, MANAGER, self.id)
            return True
        return False

    async def _is_over(self) -> bool:
        seen = await self.seen()
        await self._approve()
        for waiting in seen.attention:
            decided = Decided(step=waiting.step, choice=Choice.RETRY, refund_id=waiting.refund_id)
            await self._resolve(decided)
        if seen.attention or await self.is_open():
            return False
        seen = await self.seen()
        if seen.is_at_rest and await self._is_all_done(seen):
            return True
        await self._sweep()
        return False

    async def _resolve(self, decided: Decided) -> None:
        """Let it be tried again, and give the run a moment before the same is said once more."""
        now = time.monotonic()
        if now - self.resolved_at.get(decided.step, -10) < 3:
            return
        self.resolved_at[decided.step] = now
        with suppress(*_TOO_LATE):
            await resolutions.resolve(self.stage.context, DESK, self.id, decided)

    async def _is_all_done(self, seen: CancellationView) -> bool:
        async with self.stage.sessions() as session:
            mails = await notifications.due(session, self.id)
        owed = [one for one in seen.refunds if one.state not in REFUND_AT_REST]
        return not mails and not (owed and seen.state is Status.CANCELLED)

    async def _sweep(self) -> None:
        async with self.stage.sweeping:
            if not await self.is_open():
                self.swept = True
                await self.stage.sweep(self.scene)

    async def is_open(self) -> bool:
        """Whether its run, or one of a refund of it, is still at it."""
        refunds = [f"refund/{refund.id}" for refund in (await self.seen()).refunds]
        return any([await self.is_running(id_) for id_ in (self.workflow_id, *refunds)])

    async def learn_refund(self) -> None:
        """Learn the run of its card's refund, if there is one by now."""
        refunds = [one.id for one in (await self.seen()).refunds if one.method == "card"]
        self.refund_run = f"refund/{refunds[0]}" if refunds else ""

    async def is_running(self, workflow_id: str) -> bool:
        try:
            found = await self.stage.client.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise
        return found.status is WorkflowExecutionStatus.RUNNING

    async def _run_id(self) -> str:
        found = await self.stage.client.get_workflow_handle(self.workflow_id).describe()
        return found.run_id

    @property
    def workflow_id(self) -> str:
        return f"cancellation/{self.scene.ref.kind}/{self.scene.ref.id}/{self.n}"

    async def outcome(self) -> str:
        """How it ended and what it took, read from its rows and its history."""
        seen = await self.seen()
        history = await status.events_of(self.stage.context, self.id)
        at_person = dict.fromkeys(
            "refund" if event.type.startswith("refund") else str(event.data["step"])
            for event in history
            if event.type.endswith("needs_attention")
        )
        later = [one for one in seen.refunds if is_later(one, seen)]
        words = [
            seen.state if seen.state is Status.CANCELLED else f"{seen.state} ({seen.cause})",
            *(["found by the sweep"] if self.swept else []),
            *(f"a person at {step}" for step in at_person),
            *(["run again"] if await self._run_id() != self.first_run else []),
            *(["mails parked"] if any(map(_is_parked, history)) else []),
            *(["paid later"] if later else []),
        ]
        return ", ".join(words)


def is_later(refund: RefundView, seen: CancellationView) -> bool:
    """Whether the money went after the cancellation was done."""
    if refund.settled_at is None or seen.ended_at is None:
        return False
    return refund.settled_at > seen.ended_at


def _is_parked(event: EventView) -> bool:
    """Whether a mail could not be sent. One that nobody needs any more is parked as well."""
    return event.type == "notification_parked" and event.data["reason"] != "outdated"
