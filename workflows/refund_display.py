"""What ops see of a refund's run."""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeUpdate

from domain.contracts import RefundResult
from domain.lifecycle import REFUND_AT_REST
from domain.money import plain
from workflows import attributes


def show(result: RefundResult, *, is_silent: bool) -> None:
    """Show where a refund stands: ids, codes, amounts and instants only."""
    amount = plain(result.amount_minor, result.currency)
    lines = "\n".join(f"- {line}" for line in _lines(result, is_silent))
    workflow.set_current_details(f"### {amount} back\n{lines}")
    workflow.upsert_search_attributes(_attributes(result))


def _lines(result: RefundResult, is_silent: bool) -> list[str]:
    failure = f" ({result.failure})" if result.failure else ""
    lines = [f"{result.state}{failure}"]
    if result.pending_reason:
        lines.append(f"waits for: {result.pending_reason}")
    if is_silent:
        lines.append("the provider is silent")
    if result.waits:
        lines.append(f"waits: {result.waits}")
    if result.expected_by:
        lines.append(f"expected by {result.expected_by.isoformat()}")
    if result.due_by and result.state not in REFUND_AT_REST:
        lines.append(f"to be sent by {result.due_by.isoformat(timespec='minutes')}")
    if result.cancellation_id:
        lines.append(f"cancellation {result.cancellation_id}")
    return lines


def _attributes(result: RefundResult) -> list[SearchAttributeUpdate[Any]]:
    found: list[SearchAttributeUpdate[Any]] = [
        attributes.STEP.value_set(f"refund_{result.state}"),
        attributes.REFUND_MINOR.value_set(result.amount_minor),
    ]
    if result.cancellation_id:
        found.append(attributes.CANCELLATION.value_set(str(result.cancellation_id)))
    if result.subject:
        found.append(attributes.KIND.value_set(result.subject.kind.value))
        found.append(attributes.SUBJECT.value_set(result.subject.id))
    return found
