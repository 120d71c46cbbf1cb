"""Mails that never hold anything up."""

import asyncio
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.signatures import NotificationSteps
from domain.contracts import Mailing
from workflows.options import MAIL, UNTIL_DONE, named


class Mails:
    """The mails about a cancellation, or about a refund without one. What to say was written with
    the change itself; this sends it."""

    def __init__(self, about: UUID) -> None:
        self._about = about
        self._on_the_way: list[asyncio.Task[None]] = []
        self._more = False

    def send_soon(self, name: str) -> None:
        """Send what is due while the run goes on waiting; after what is on its way already."""
        if any(not task.done() for task in self._on_the_way):
            self._more = True
            return
        task = asyncio.create_task(self._send_all(f"send_notifications {name}"))
        self._on_the_way.append(task)

    async def send_last(self) -> None:
        """Send the rest and wait until all of them are sent or parked."""
        await self._send("send_notifications")
        await self.arrive()

    async def arrive(self) -> None:
        """Wait until what is on its way is sent or parked."""
        for task in self._on_the_way:
            await task

    async def _send_all(self, activity_id: str) -> None:
        await self._send(activity_id)
        while self._more:
            self._more = False
            await self._send(activity_id)

    async def _send(self, activity_id: str) -> None:
        step = Mailing(about=self._about, at=workflow.now())
        try:
            await workflow.execute_activity_method(
                NotificationSteps.send_notifications,
                step,
                **named(MAIL, activity_id, "send what is due"),
            )
        except ActivityError:
            await workflow.execute_activity_method(
                NotificationSteps.park_notifications,
                step,
                **named(UNTIL_DONE, f"{activity_id}: park", "could not be sent for two days"),
            )
