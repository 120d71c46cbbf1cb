"""Scheduled: finds what fell between two stools and starts it or puts it before a person."""

from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ActivityError

from activities.signatures import NotificationSteps, SweepSteps
from domain.contracts import Batch, Mailing
from workflows.options import BRIEF, UNTIL_DONE, named


@workflow.defn
class Sweep:
    """Start requests that never had a run; flag work whose run was closed before its end."""

    @workflow.run
    async def run(self) -> int:
        """Return how much was found."""
        started = await workflow.execute_activity_method(
            SweepSteps.start_forgotten_requests,
            Batch(at=workflow.now()),
            **named(UNTIL_DONE, "start_forgotten_requests", "requests without a run"),
        )
        flagged = await workflow.execute_activity_method(
            SweepSteps.flag_stranded,
            Batch(at=workflow.now()),
            **named(UNTIL_DONE, "flag_stranded", "work whose run is closed"),
        )
        for about in flagged.concerned:
            await _try_mails(about)
        workflow.set_current_details(
            f"{started.handled} requests started, {flagged.handled} put before a person"
        )
        return started.handled + flagged.handled


async def _try_mails(about: UUID) -> None:
    """Send what is due about it; what can't be sent now is tried at the next sweep."""
    step = Mailing(about=about, at=workflow.now())
    try:
        await workflow.execute_activity_method(
            NotificationSteps.send_notifications,
            step,
            **named(BRIEF, f"send_notifications {about}", "overdue mails"),
        )
    except ActivityError:
        workflow.logger.warning("mails about %s can't be sent yet", about)
