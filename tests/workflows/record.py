"""Save a run of every kind of ending: python -m pytest tests/workflows/record.py

Run it when a workflow changes on purpose while nothing is in flight; else guard the change with
`workflow.patched` and keep the files. See docs/changing-workflows.md.
"""

import json
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import Any
from uuid import UUID, uuid5

import pytest
from temporalio.client import WorkflowFailureError, WorkflowHistory

from domain.attention import Choice, Waits
from domain.card_holds import CardHoldState
from domain.contracts import (
    AskWarehouse,
    CardHoldWord,
    Cause,
    PivotResult,
    Progress,
    ReplyKind,
    Settlement,
)
from domain.decisions import IfRefundFails, IfSilent, OnRefused, Outcome
from domain.errors import RefundRejected
from domain.lifecycle import RefundState
from domain.warehouses import StopAnswer
from tests.factories import a_request, a_verdict
from tests.fakes import FakeSteps
from tests.workflows.conftest import Saga, Stage
from tests.workflows.test_cancellation import broken, resolve
from workflows.card_hold import SettleHold
from workflows.refund import Refund

FOLDER = Path(__file__).parent / "histories"
REFUND = uuid5(UUID(int=0), "a refund")
HOLD = uuid5(UUID(int=0), "a held card")
CLIMBING = uuid5(UUID(int=0), "a refund that climbs the ladder")
AGAIN = uuid5(UUID(int=0), "a refund that is asked for again")
ASKED = uuid5(UUID(int=0), "a refund that is asked for by itself")
SOON = datetime.now(UTC) + timedelta(hours=1)

Act = Callable[[Saga], Awaitable[None]]


async def nothing(saga: Saga) -> None:
    """Nobody says anything."""


async def approve(saga: Saga) -> None:
    await saga.decided()
    await saga.reply(ReplyKind.APPROVED, refund_minor=1_500)


async def decline(saga: Saga) -> None:
    await saga.decided()
    await saga.reply(ReplyKind.DECLINED)


async def take_back(saga: Saga) -> None:
    await saga.decided()
    await saga.reply(ReplyKind.TAKEN_BACK)


async def stop(saga: Saga) -> None:
    await saga.decided()
    await saga.handle.cancel()


async def retry(saga: Saga) -> None:
    await saga.reached("flag_attention")
    await resolve(saga, Choice.RETRY)


ASKING = AskWarehouse(within=timedelta(minutes=30), if_silent=IfSilent.REFUSE)
WAITING = a_verdict(outcome=Outcome.NEEDS_APPROVAL, approval_until=SOON)
THINKING = a_verdict(undo_until=SOON)

RUNS: dict[str, tuple[FakeSteps, Act]] = {
    "cancelled-whole": (FakeSteps(a_verdict()), nothing),
    "cancelled-nothing-behind": (
        FakeSteps(a_verdict(release=False, restock=False, refunds=())),
        nothing,
    ),
    "cancelled-approved": (FakeSteps(WAITING, confirmed=a_verdict()), approve),
    "cancelled-debt": (
        FakeSteps(
            a_verdict(on_refused=OnRefused.STAND),
            owed=PivotResult(owed=(REFUND,)),
            trigger_refund=RefundRejected(),
        ),
        nothing,
    ),
    "cancelled-held-card": (
        FakeSteps(a_verdict(), owed=PivotResult(holds=(HOLD,))),
        nothing,
    ),
    "cancelled-stopped": (
        FakeSteps(a_verdict(warehouse=ASKING), stop=StopAnswer.STOPPED),
        nothing,
    ),
    "declined-by-warehouse": (
        FakeSteps(a_verdict(warehouse=ASKING), stop=StopAnswer.REFUSED),
        nothing,
    ),
    "cancelled-silence": (
        FakeSteps(a_verdict(), looked_up=RefundState.SUCCEEDED, trigger_refund=broken()),
        nothing,
    ),
    "cancelled-attention": (FakeSteps(a_verdict(), update_status=[broken()]), retry),
    "cancelled-lost-reply": (FakeSteps(a_verdict(), restock=[ConnectionError("lost")]), nothing),
    "cancelled-resumed": (
        FakeSteps(a_verdict(), progress=Progress(verdict=a_verdict(), sealed=True)),
        nothing,
    ),
    "declined-rules": (
        FakeSteps(a_verdict(outcome=Outcome.DECLINED, cause=Cause.RULES)),
        nothing,
    ),
    "declined-staff": (FakeSteps(WAITING), decline),
    "undone": (FakeSteps(THINKING), take_back),
    "restored-refund-rejected": (FakeSteps(a_verdict(), trigger_refund=RefundRejected()), nothing),
    "restored-step-failed": (FakeSteps(a_verdict(), restock=broken()), nothing),
    "stopped-by-ops": (FakeSteps(THINKING), stop),
}


@pytest.mark.parametrize("name", RUNS)
async def test_record(stage: Stage, name: str) -> None:
    steps, act = RUNS[name]
    saga = await stage.start(steps, a_request(resume="resumed" in name))
    await act(saga)
    with suppress(WorkflowFailureError):
        await saga.result()
    save(name, await saga.handle.fetch_history())
    if name == "cancelled-debt":
        child = stage.client.get_workflow_handle(f"refund/{REFUND}")
        await child.result()
        save("refund-followed", await child.fetch_history())


async def test_record_a_held_card_that_a_person_is_asked_about(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), held=[CardHoldState.FAILED])
    handle = await stage.settle(steps, HOLD)
    await steps.reached("escalate_card_hold")
    word = CardHoldWord(hold_id=HOLD, choice=Choice.SKIP, actor="staff/anna")
    await handle.execute_update(SettleHold.answer, word)
    await handle.result()
    save("hold-answered", await handle.fetch_history())


async def test_record_a_refund_that_is_asked_for_again(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), noes=[True, False])
    handle = await stage.follow(steps, AGAIN)
    await steps.reached("follow_refund")
    await handle.signal(Refund.hint)
    await steps.reached("escalate_refund")
    word = Settlement(refund_id=AGAIN, choice=Choice.SETTLE_BY_HAND, actor="staff/anna")
    await handle.execute_update(Refund.settle, word)
    await handle.result()
    save("refund-asked-again", await handle.fetch_history())


async def test_record_a_refund_that_climbs_the_ladder_near_its_deadline(stage: Stage) -> None:
    refused: dict[str, Any] = {"state": RefundState.FAILED, "failure": "lost_or_stolen_card"}
    near = {"due_by": SOON, "escalate_at": SOON - timedelta(days=1)}
    fallback = {"fallback": IfRefundFails.ASK}
    asked = {"waits": Waits.CUSTOMER}
    paid = {"state": RefundState.SUCCEEDED, "has_mail": True, "cancellation_id": REFUND}
    steps = FakeSteps(
        a_verdict(), found=[refused | fallback | near, refused | fallback, refused | asked, paid]
    )
    handle = await stage.follow(steps, CLIMBING)
    await steps.reached("climb_refund ask")
    word = Settlement(refund_id=CLIMBING, choice=Choice.STORE_CREDIT, actor="customer/c-1")
    await handle.execute_update(Refund.settle, word)
    await handle.result()
    save("refund-climbed", await handle.fetch_history())


async def test_record_a_refund_without_a_cancellation_that_gets_its_yes(stage: Stage) -> None:
    mails = {"has_mail": True, "request_id": ASKED}
    waits = {"state": RefundState.OWED, "waits": Waits.APPROVAL}
    paid = {"state": RefundState.SUCCEEDED}
    steps = FakeSteps(a_verdict(), found=[waits | mails, paid | mails, paid])
    handle = await stage.follow(steps, ASKED)
    await steps.reached("escalate_refund")
    word = Settlement(refund_id=ASKED, choice=Choice.APPROVE, actor="staff/anna")
    await handle.execute_update(Refund.settle, word)
    await handle.result()
    save("refund-asked-for", await handle.fetch_history())


def save(name: str, history: WorkflowHistory) -> None:
    """Write a history without the names of the machine that made it."""
    events = json.loads(history.to_json().replace(gethostname(), "host"), object_hook=_nowhere)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / f"{name}.json").write_text(json.dumps(events, indent=1) + "\n")


def _nowhere(part: dict[str, Any]) -> dict[str, Any]:
    return {key: "" if key == "stackTrace" else value for key, value in part.items()}
