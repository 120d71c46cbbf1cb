"""Timeouts and retries, named by kind of step."""

from datetime import timedelta
from typing import TypeVar, cast

from temporalio.common import RetryPolicy
from temporalio.workflow import ActivityConfig, LocalActivityConfig

from domain.errors import FINAL

Config = TypeVar("Config", ActivityConfig, LocalActivityConfig)

QUICK: LocalActivityConfig = {
    "start_to_close_timeout": timedelta(seconds=5),
    "schedule_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=200),
        maximum_interval=timedelta(seconds=5),
        maximum_attempts=10,
        non_retryable_error_types=FINAL,
    ),
}
"""Our database while somebody waits for the answer; it may say no, and nothing has happened.

The attempts are counted because the SDK retries a local activity past its schedule-to-close. Ten
take about half a minute where they fail at once, and a good minute where each one hangs.
"""

BRIEF: ActivityConfig = {
    "start_to_close_timeout": timedelta(seconds=10),
    "schedule_to_close_timeout": timedelta(minutes=1),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        maximum_interval=timedelta(seconds=10),
        non_retryable_error_types=FINAL,
    ),
}
"""Our database before the seal: a step that fails for a minute is put back."""

PATIENCE: ActivityConfig = {
    "start_to_close_timeout": timedelta(seconds=10),
    "schedule_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(seconds=5),
        non_retryable_error_types=FINAL,
    ),
}
"""A provider before the pivot: a definite no counts in time; silence makes a debt."""

PAYMENT: ActivityConfig = {
    "start_to_close_timeout": timedelta(minutes=1),
    "schedule_to_close_timeout": timedelta(minutes=10),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=5),
        maximum_interval=timedelta(minutes=2),
        non_retryable_error_types=FINAL,
    ),
}
"""A provider after the pivot. One that is away for longer is asked again hours later, so that its
run can hear people and the clock meanwhile."""

PAYMENT_ONCE: ActivityConfig = {
    **PAYMENT,
    "retry_policy": RetryPolicy(maximum_attempts=1, non_retryable_error_types=FINAL),
}
"""A provider that was away when it was asked last."""

WAREHOUSE: ActivityConfig = {
    "start_to_close_timeout": timedelta(seconds=20),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=1),
        maximum_interval=timedelta(minutes=1),
        non_retryable_error_types=FINAL,
    ),
}
"""A warehouse that is asked to stop: tried until its time to answer is over."""

WITHDRAWAL: ActivityConfig = {**WAREHOUSE, "schedule_to_close_timeout": timedelta(minutes=15)}
"""A warehouse that may go on: it has to hear of it, and a person is told if it doesn't."""

UNTIL_DONE: ActivityConfig = {
    "start_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(milliseconds=500),
        maximum_interval=timedelta(minutes=1),
        non_retryable_error_types=FINAL,
    ),
}
"""The pivot, compensations and what follows: there is no other way than through."""

SCAN: ActivityConfig = {**UNTIL_DONE, "start_to_close_timeout": timedelta(minutes=10)}
"""A look at all data."""

RECONCILE: ActivityConfig = {
    "start_to_close_timeout": timedelta(hours=1),
    "heartbeat_timeout": timedelta(minutes=5),
    "schedule_to_close_timeout": timedelta(hours=6),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=5),
        maximum_interval=timedelta(minutes=15),
        non_retryable_error_types=FINAL,
    ),
}
"""A long list of a provider's. The next night comes anyway, so this one ends before it."""

MAIL: ActivityConfig = {
    "start_to_close_timeout": timedelta(minutes=1),
    "schedule_to_close_timeout": timedelta(days=2),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=15)
    ),
}
"""A mail server that is away: tried for two days, then the mail is parked."""


def named(options: Config, activity_id: str, summary: str | None = None) -> Config:
    """Give one call the name by which runbooks find it, and a line for the timeline."""
    return cast("Config", {**options, "activity_id": activity_id, "summary": summary})
