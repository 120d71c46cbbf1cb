"""What Temporal's failures mean to whoever asked."""

from temporalio.client import WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from domain.errors import AlreadyAnswered, ChoiceNotAllowed, ServiceUnavailable


class NoRun(Exception):
    """No run of that id is open to be told anything."""


COMPLETED = "AcceptedUpdateCompletedWorkflow"
"""The server's word for a run that ended while it still owed an answer."""


def type_of(error: WorkflowUpdateFailedError) -> str | None:
    return error.cause.type if isinstance(error.cause, ApplicationError) else None


def refused(error: WorkflowUpdateFailedError) -> Exception:
    """What a run's refusal means, by the type it gave."""
    match type_of(error):
        case "AlreadyAnswered":
            return AlreadyAnswered("this was answered before; the first answer holds")
        case "ChoiceNotAllowed":
            return ChoiceNotAllowed("this step does not offer that way out now")
        case type_ if type_ == COMPLETED:
            return NoRun("the run ended meanwhile")
    return error


def translated(error: RPCError) -> Exception:
    """Silence is a time-out, a server that isn't there is unavailable, the rest is a bug."""
    if error.status in (RPCStatusCode.UNAVAILABLE, RPCStatusCode.RESOURCE_EXHAUSTED):
        return ServiceUnavailable("Temporal can't be reached")
    if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
        return TimeoutError("no worker answered in time")
    return error
