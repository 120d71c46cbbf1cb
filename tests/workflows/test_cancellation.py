"""The saga with steps that only remember: order, answers, faults, and the point of no return."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from temporalio.client import WorkflowFailureError, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError, CancelledError

from activities import signatures
from domain.attention import Choice
from domain.contracts import (
    Cause,
    Ending,
    PivotResult,
    Progress,
    ReplyKind,
    Resolution,
    Standing,
)
from domain.decisions import OnRefused, Outcome
from domain.errors import ProviderUnavailable, RefundRejected
from domain.lifecycle import RefundState
from tests.factories import a_refund, a_request, a_verdict
from tests.fakes import FakeSteps
from tests.workflows.conftest import Saga, Stage
from workflows.cancellation import Cancellation

BACK = ["drop_refunds", "unrestock", "reserve_slots", "restore_status", "send_notifications"]
FORWARD = ["validate", "release_slots", "restock", "trigger_refund"]


def broken() -> ApplicationError:
    """A fault that no retry mends."""
    return ApplicationError("broken", type="Broken", non_retryable=True)


async def run(stage: Stage, steps: FakeSteps, **known: Any) -> Saga:
    return await stage.start(steps, a_request(**known))


async def test_a_mixed_order_takes_every_step_in_order(stage: Stage) -> None:
    steps = FakeSteps(a_verdict())
    saga = await run(stage, steps)
    result = await saga.result()
    assert result.ending is Ending.CANCELLED
    assert (result.refund_minor, result.currency) == (4_000, "EUR")
    assert steps.calls == [*FORWARD, "update_status", "send_notifications"]


async def test_only_the_steps_that_apply_run(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(release=False, restock=False, refunds=()))
    await (await run(stage, steps)).result()
    assert steps.calls == ["validate", "update_status", "send_notifications"]


async def test_a_no_is_an_answer_and_changes_nothing(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(outcome=Outcome.DECLINED, cause=Cause.RULES))
    result = await (await run(stage, steps)).result()
    assert (result.ending, result.cause) == (Ending.DECLINED, Cause.RULES)
    assert steps.calls == ["validate"]


@pytest.mark.parametrize("step", ["release_slots", "restock"])
async def test_a_step_that_fails_for_good_is_put_back_with_those_before(
    stage: Stage, step: str
) -> None:
    fault: dict[str, Any] = {step: broken()}
    steps = FakeSteps(a_verdict(), **fault)
    result = await (await run(stage, steps)).result()
    assert (result.ending, result.cause) == (Ending.RESTORED, Cause.STEP_FAILED)
    undone = BACK[2:] if step == "release_slots" else BACK[1:]
    assert steps.calls == [*FORWARD[: FORWARD.index(step) + 1], *undone]


async def test_a_decision_that_fails_for_good_is_put_back(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), validate=broken())
    saga = await run(stage, steps)
    result = await saga.result()
    assert (result.ending, result.cause) == (Ending.RESTORED, Cause.STEP_FAILED)
    assert steps.calls == ["validate", "restore_status", "send_notifications"]


async def test_a_rejected_refund_puts_slot_and_stock_back(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), trigger_refund=RefundRejected())
    result = await (await run(stage, steps)).result()
    assert (result.ending, result.cause) == (Ending.RESTORED, Cause.REFUND_REJECTED)
    assert steps.calls == [*FORWARD, *BACK]


async def test_a_rejected_refund_stands_where_the_policy_says_so(stage: Stage) -> None:
    owed = uuid4()
    steps = FakeSteps(
        a_verdict(on_refused=OnRefused.STAND),
        owed=PivotResult(owed=(owed,)),
        trigger_refund=RefundRejected(),
    )
    result = await (await run(stage, steps)).result()
    assert result.ending is Ending.CANCELLED
    assert steps.calls[4] == "update_status"
    assert "follow_refund" in steps.calls


async def test_a_second_refund_rejected_after_a_first_accepted_puts_nothing_back(
    stage: Stage,
) -> None:
    verdict = a_verdict(refunds=(a_refund(), a_refund()))
    steps = FakeSteps(verdict, trigger_refund=[None, RefundRejected()])
    result = await (await run(stage, steps)).result()
    assert result.ending is Ending.CANCELLED
    assert "restore_status" not in steps.calls


async def test_a_lost_reply_repeats_the_step_and_the_saga_goes_on(stage: Stage) -> None:
    lost: dict[str, Any] = {
        name: [ConnectionError("reply lost")] for name in ("release_slots", "update_status")
    }
    steps = FakeSteps(a_verdict(), **lost)
    result = await (await run(stage, steps)).result()
    assert result.ending is Ending.CANCELLED
    assert steps.calls.count("release_slots") == 2
    assert steps.calls.count("update_status") == 2
    assert "restore_status" not in steps.calls


async def test_a_lost_reply_of_an_undo_repeats_the_undo(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), restock=broken(), reserve_slots=[ConnectionError("reply lost")])
    result = await (await run(stage, steps)).result()
    assert result.ending is Ending.RESTORED
    assert steps.calls.count("reserve_slots") == 2
    assert steps.calls[-2:] == ["restore_status", "send_notifications"]


@pytest.mark.parametrize("looked_up", [RefundState.REQUESTED, RefundState.SUCCEEDED])
async def test_silence_of_a_provider_makes_a_debt_not_a_fault(
    stage: Stage, looked_up: RefundState
) -> None:
    steps = FakeSteps(a_verdict(), looked_up=looked_up, trigger_refund=ProviderUnavailable("?"))
    saga = await stage.start(steps, a_request(), skip=True)
    result = await saga.result()
    assert result.ending is Ending.CANCELLED
    assert "look_up_refund" in steps.calls
    assert "drop_refunds" not in steps.calls


async def test_a_no_found_at_the_look_up_counts_as_a_no(stage: Stage) -> None:
    steps = FakeSteps(
        a_verdict(),
        looked_up=RefundState.FAILED,
        trigger_refund=ApplicationError("gone", type="Gone", non_retryable=True),
    )
    result = await (await run(stage, steps)).result()
    assert (result.ending, result.cause) == (Ending.RESTORED, Cause.REFUND_REJECTED)


async def test_a_pivot_that_fails_for_good_waits_for_a_person_and_goes_on(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), update_status=[broken()])
    saga = await run(stage, steps)
    await saga.reached("flag_attention")
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await resolve(saga, Choice.COMPENSATE)
    assert type_of(refused.value) == "ChoiceNotAllowed"
    await resolve(saga, Choice.RETRY)
    result = await saga.result()
    assert result.ending is Ending.CANCELLED
    assert [flag.step for flag in steps.flags] == ["update_status", None]
    assert "restore_status" not in steps.calls


async def test_an_undo_that_fails_for_good_can_be_skipped(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), restock=broken(), reserve_slots=[broken()])
    saga = await run(stage, steps)
    await saga.reached("flag_attention")
    await resolve(saga, Choice.SKIP, step="reserve_slots")
    result = await saga.result()
    assert result.ending is Ending.RESTORED
    assert steps.calls.count("reserve_slots") == 1


async def test_a_mail_that_cannot_be_sent_is_parked_and_holds_nothing(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), send_notifications=broken())
    result = await (await run(stage, steps)).result()
    assert result.ending is Ending.CANCELLED
    assert steps.calls[-1] == "park_notifications"


# Waits


def awaiting_approval(**known: Any) -> dict[str, Any]:
    return {"outcome": Outcome.NEEDS_APPROVAL, "approval_until": soon(hours=48)} | known


def soon(**length: float) -> datetime:
    return datetime.now(UTC) + timedelta(**length)


async def test_an_approval_goes_on_with_the_amount_it_set(stage: Stage) -> None:
    steps = FakeSteps(
        a_verdict(**awaiting_approval()), confirmed=a_verdict(refund_minor=1_500, refunds=())
    )
    saga = await run(stage, steps)
    assert (await saga.decided()).standing is Standing.OWN
    await saga.reached("send_notifications")
    await saga.reply(ReplyKind.APPROVED, refund_minor=1_500)
    result = await saga.result()
    assert (result.ending, result.refund_minor) == (Ending.CANCELLED, 1_500)
    assert steps.confirmations[0].reply is not None
    assert steps.confirmations[0].reply.refund_minor == 1_500


async def test_a_staff_no_puts_the_status_back(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(**awaiting_approval()))
    saga = await run(stage, steps)
    await saga.decided()
    await saga.reply(ReplyKind.DECLINED)
    result = await saga.result()
    assert (result.ending, result.cause) == (Ending.DECLINED, Cause.STAFF)
    assert steps.restored[0].actor == "staff/anna"
    assert "release_slots" not in steps.calls


@pytest.mark.parametrize(
    ("default", "ending"), [(True, Ending.CANCELLED), (False, Ending.DECLINED)]
)
async def test_an_approval_nobody_gives_takes_its_default(
    stage: Stage, default: bool, ending: Ending
) -> None:
    verdict = a_verdict(**awaiting_approval(approve_by_default=default))
    steps = FakeSteps(verdict, confirmed=a_verdict())
    saga = await stage.start(steps, a_request(), skip=True)
    result = await saga.result()
    assert result.ending is ending
    if not default:
        assert result.cause is Cause.DEADLINE


async def test_a_second_answer_comes_too_late(stage: Stage) -> None:
    steps = FakeSteps(
        a_verdict(**awaiting_approval()), confirmed=a_verdict(undo_until=soon(hours=1))
    )
    saga = await run(stage, steps)
    await saga.decided()
    await saga.reply(ReplyKind.APPROVED)
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await saga.reply(ReplyKind.DECLINED)
    assert type_of(refused.value) == "AlreadyAnswered"
    await saga.reply(ReplyKind.TAKEN_BACK)
    assert (await saga.result()).ending is Ending.UNDONE


async def test_nobody_approves_what_does_not_wait(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(undo_until=soon(hours=1)))
    saga = await run(stage, steps)
    await saga.decided()
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await saga.reply(ReplyKind.APPROVED)
    assert type_of(refused.value) == "AlreadyAnswered"
    await saga.reply(ReplyKind.TAKEN_BACK)
    await saga.result()


async def test_what_is_taken_back_in_the_undo_window_is_undone(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(undo_until=soon(minutes=10)))
    saga = await run(stage, steps)
    await saga.decided()
    await saga.reply(ReplyKind.TAKEN_BACK)
    result = await saga.result()
    assert (result.ending, result.cause) == (Ending.UNDONE, Cause.ASKER)
    assert "release_slots" not in steps.calls
    assert steps.calls[-1] == "send_notifications"


async def test_the_undo_window_passes_and_facts_are_read_again(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(undo_until=soon(minutes=10)), confirmed=a_verdict())
    saga = await stage.start(steps, a_request(), skip=True)
    assert (await saga.result()).ending is Ending.CANCELLED
    assert steps.confirmations[0].reply is None


async def test_facts_that_overtake_a_wait_put_it_back(stage: Stage) -> None:
    overtaken = a_verdict(outcome=Outcome.DECLINED, cause=Cause.OVERTAKEN)
    steps = FakeSteps(a_verdict(undo_until=soon(minutes=10)), confirmed=overtaken)
    saga = await stage.start(steps, a_request(), skip=True)
    result = await saga.result()
    assert (result.ending, result.cause) == (Ending.RESTORED, Cause.OVERTAKEN)
    assert "release_slots" not in steps.calls


# Others who ask


async def test_the_same_request_joins_and_another_one_finds_it_busy(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(undo_until=soon(hours=1)))
    saga = await run(stage, steps)
    same = a_request(subject=saga.request.subject)
    other = a_request(subject=saga.request.subject, fingerprint="one line")
    assert (await saga.ask(same)).standing is Standing.JOINED
    assert (await saga.ask(other)).standing is Standing.BUSY
    await saga.reply(ReplyKind.TAKEN_BACK)
    await saga.result()


# Ops


async def test_a_workflow_cancel_before_the_seal_puts_everything_back(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(undo_until=soon(hours=1)))
    saga = await run(stage, steps)
    await saga.decided()
    await saga.handle.cancel()
    with pytest.raises(WorkflowFailureError) as failed:
        await saga.result()
    assert isinstance(failed.value.cause, CancelledError)
    assert steps.restored[0].cause is Cause.STOPPED_BY_OPS
    assert steps.calls[-1] == "send_notifications"


async def test_two_cancels_in_the_middle_of_a_step_lose_no_compensation(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), restock=[ConnectionError("again")] * 3)
    saga = await run(stage, steps)
    await saga.reached("restock", times=2)
    await saga.handle.cancel()
    await saga.handle.cancel()
    with pytest.raises(WorkflowFailureError):
        await saga.result()
    undone = [step for step in steps.calls if step in BACK]
    assert undone == BACK[1:]


async def test_a_workflow_cancel_after_the_seal_is_passed_over(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), update_status=[ConnectionError("again")] * 2)
    saga = await run(stage, steps)
    await saga.reached("update_status")
    await saga.handle.cancel()
    result = await saga.result()
    assert result.ending is Ending.CANCELLED
    assert "restore_status" not in steps.calls
    assert steps.calls[-1] == "send_notifications"


@pytest.mark.parametrize("sealed", [True, False])
async def test_a_closed_run_resumes_forward_if_sealed_else_back(stage: Stage, sealed: bool) -> None:
    steps = FakeSteps(a_verdict(), progress=Progress(verdict=a_verdict(), sealed=sealed))
    result = await (await run(stage, steps, resume=True)).result()
    if sealed:
        assert result.ending is Ending.CANCELLED
        assert steps.calls == ["read_progress", "update_status", "send_notifications"]
    else:
        assert (result.ending, result.cause) == (Ending.RESTORED, Cause.STOPPED_BY_OPS)
        assert steps.calls == ["read_progress", *BACK]


async def test_a_closed_run_that_never_decided_starts_anew(stage: Stage) -> None:
    steps = FakeSteps(a_verdict(), progress=Progress(verdict=None, sealed=False))
    result = await (await run(stage, steps, resume=True)).result()
    assert result.ending is Ending.CANCELLED
    assert steps.calls[:2] == ["read_progress", "validate"]


async def test_a_closed_run_at_rest_only_settles_what_is_left(stage: Stage) -> None:
    progress = Progress(verdict=a_verdict(), sealed=True, at_rest=Ending.CANCELLED, owed=(uuid4(),))
    steps = FakeSteps(a_verdict(), progress=progress)
    result = await (await run(stage, steps, resume=True)).result()
    assert result.ending is Ending.CANCELLED
    assert "update_status" not in steps.calls
    assert "follow_refund" in steps.calls


def test_the_fakes_have_the_names_and_types_of_the_real_steps() -> None:
    for owner in vars(signatures).values():
        if not isinstance(owner, type) or not owner.__name__.endswith("Steps"):
            continue
        for name, step in vars(owner).items():
            if hasattr(step, "__temporal_activity_definition") and hasattr(FakeSteps, name):
                assert getattr(FakeSteps, name).__annotations__ == step.__annotations__


async def resolve(saga: Saga, choice: Choice, step: str = "update_status") -> None:
    resolution = Resolution(
        cancellation_id=saga.request.cancellation_id, step=step, choice=choice, actor="staff/olga"
    )
    await saga.handle.execute_update(Cancellation.resolve, resolution)


def type_of(error: WorkflowUpdateFailedError) -> str | None:
    assert isinstance(error.cause, ApplicationError)
    return error.cause.type
