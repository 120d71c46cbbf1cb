"""Reading what went wrong from the errors Temporal hands to a workflow."""

from temporalio.exceptions import (
    ActivityError,
    ApplicationError,
    RetryState,
    is_cancelled_exception,
)
from temporalio.exceptions import (
    TimeoutError as TimedOut,
)

from domain.contracts import Cause


def failure_type(error: BaseException) -> str:
    """The class name of what an activity raised, `Timeout`, or the error's own class name."""
    cause = error.cause if isinstance(error, ActivityError) else error
    if isinstance(cause, ApplicationError):
        return cause.type or "ApplicationError"
    if isinstance(cause, TimedOut):
        return "Timeout"
    return type(cause or error).__name__


def is_silence(error: ActivityError) -> bool:
    """Whether it was tried as long as it may be, without a definite answer."""
    return error.retry_state in (RetryState.TIMEOUT, RetryState.MAXIMUM_ATTEMPTS_REACHED)


def cause_of(error: BaseException) -> Cause:
    """Why a run that failed before its seal is put back."""
    if is_cancelled_exception(error):
        return Cause.STOPPED_BY_OPS
    if failure_type(error) == "RefundRejected":
        return Cause.REFUND_REJECTED
    return Cause.STEP_FAILED
