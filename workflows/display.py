"""What ops see of a run: current details and search attributes."""

from typing import Any

from temporalio import workflow
from temporalio.common import SearchAttributeKey, SearchAttributeUpdate

from domain.contracts import Cause, Ending, Verdict
from domain.money import plain
from domain.subjects import SubjectRef
from workflows import attributes


class Display:
    """A heading, a bullet for each thing that happened, and what goes on now.

    Ids, codes and amounts only: this is readable by everybody who may look at runs.
    """

    def __init__(self, subject: SubjectRef) -> None:
        self._subject = f"{subject.kind} {subject.id}"
        self._title = self._subject
        self._lines: list[str] = []
        self._now = "decides"
        self._known: dict[str, Any] = {}

    def begin(self, step: str, text: str) -> None:
        """Say which step the run is in."""
        self._now = text
        self._put((attributes.STEP, step))
        self._show()

    def note(self, text: str) -> None:
        """Add something that happened."""
        self._lines.append(text)
        self._show()

    def decided(self, verdict: Verdict) -> None:
        """Say what was decided, and the step that follows."""
        amount = plain(verdict.refund_minor, verdict.currency)
        self._title = f"{self._subject}, {_share(verdict)}{amount} back"
        codes = f" ({', '.join(verdict.codes)})" if verdict.codes else ""
        self._lines.append(f"decided by {verdict.policy}: {verdict.outcome}{codes}")
        self._put(
            (attributes.STEP, _next_step(verdict)),
            (attributes.OUTCOME, verdict.outcome.value),
            (attributes.POLICY, verdict.policy),
            (attributes.REFUND_MINOR, verdict.refund_minor),
        )
        self._show()

    def attention(self, step: str | None) -> None:
        """Say that a step waits for a person, or that none does any more."""
        self._now = f"{step} needs attention" if step else "goes on"
        self._put((attributes.NEEDS_ATTENTION, step is not None))
        self._show()

    def ended(self, ending: Ending, cause: Cause | None) -> None:
        self._now = f"ended: {ending}" + (f" ({cause})" if cause else "")
        self._put((attributes.STEP, "ended"), (attributes.OUTCOME, ending.value))
        self._show()

    def _put(self, *values: tuple[SearchAttributeKey[Any], Any]) -> None:
        """Set search attributes. One that says the same already costs nothing."""
        news = [(key, value) for key, value in values if self._known.get(key.name) != value]
        self._known.update((key.name, value) for key, value in news)
        updates: list[SearchAttributeUpdate[Any]] = [key.value_set(value) for key, value in news]
        if updates:
            workflow.upsert_search_attributes(updates)

    def _show(self) -> None:
        bullets = "\n".join(f"- {line}" for line in self._lines)
        workflow.set_current_details(f"### {self._title}\n{bullets}\n\n**Now:** {self._now}")


def _share(verdict: Verdict) -> str:
    if verdict.asked == verdict.units:
        return ""
    return f"{verdict.asked} of {verdict.units} items, "


def _next_step(verdict: Verdict) -> str:
    """The step that a decision leads to, by the name that ops look for."""
    steps = (
        ("ended", verdict.is_declined),
        ("awaiting_approval", verdict.approval_until is not None),
        ("undo_window", verdict.undo_until is not None),
        ("ask_to_stop", verdict.warehouse is not None),
        ("release_slots", verdict.release),
        ("restock", verdict.restock),
        ("trigger_refunds", bool(verdict.refunds)),
    )
    return next((step for step, applies in steps if applies), "update_status")
