"""Every state of a refund meets every fault of its news."""

from collections.abc import AsyncIterator

import pytest
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from domain.subjects import Kind
from tests.end_to_end.conftest import Business
from tests.mail import MailServer
from tests.refunds import page
from tests.refunds.acting import act, as_documented
from tests.refunds.cells import (
    ERRORS,
    OF_WEBHOOKS,
    REFUSALS,
    TIMEOUTS,
    Cell,
    Course,
    Fault,
    every,
)
from tests.refunds.counter import counter

A_FEW = [
    Cell(Course.OWED, Fault.NONE, Kind.ORDER),
    Cell(Course.REQUIRES_ACTION, Fault.REORDERED, Kind.APPOINTMENT),
    Cell(Course.SUCCEEDED, Fault.CUT_AFTER, Kind.APPOINTMENT),
    Cell(Course.FAILED_FOR_NOW, Fault.RATE_LIMITED, Kind.ORDER),
    Cell(Course.FAILED, Fault.LOST, Kind.APPOINTMENT),
    Cell(Course.FAILED_LATE, Fault.DUPLICATE, Kind.ORDER),
    Cell(Course.WAIVED, Fault.CUT_BEFORE, Kind.APPOINTMENT),
]


@pytest.fixture
async def business(
    database: str, temporal: Client, task_queue: str, mail_server: MailServer
) -> AsyncIterator[Business]:
    async with counter(database, temporal, task_queue, mail_server) as business:
        yield business


async def test_a_few_refunds_meet_their_faults(
    business: Business, env: WorkflowEnvironment, task_queue: str
) -> None:
    outcomes = await act(business, env, task_queue, A_FEW)
    assert as_documented(outcomes)
    page.compare(outcomes)


@pytest.mark.slow
@pytest.mark.parametrize(
    "faults",
    [OF_WEBHOOKS, TIMEOUTS, REFUSALS, ERRORS],
    ids=["webhooks", "timed_out", "refused", "errors"],
)
async def test_every_refund_ends_as_documented(
    business: Business, env: WorkflowEnvironment, task_queue: str, faults: tuple[Fault, ...]
) -> None:
    outcomes = await act(business, env, task_queue, every(*faults))
    assert as_documented(outcomes)
    page.compare(outcomes)
