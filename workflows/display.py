"""What ops see of a run: current details, search attributes and timer texts."""

from temporalio import workflow

from domain.contracts import Cause, Ending, Verdict
from domain.money import plain
from workflows import attributes


class Display:
    """A heading and a bullet for each thing that happened. Ids, codes and amounts; no names."""

    def __init__(self, subject: str) -> None:
        self._title = subject
        self._lines: list[str] = []
        self._current = "decides"

    def note(self, text: str) -> None:
        """Add something that happened."""
        self._lines.append(text)
        self._show()

    def begin(self, step: str, text: str = "") -> None:
        """Say which step the run is in, here and as a search attribute."""
        self._current = text or step
        workflow.upsert_search_attributes([attributes.STEP.value_set(step)])
        self._show()

    def decided(self, verdict: Verdict, step: str) -> None:
        """Say what was decided, and the step that follows."""
        amount = plain(verdict.refund_minor, verdict.currency)
        self._title = f"{self._title.split(',')[0]}, {_share(verdict)}{amount} back"
        codes = f" ({', '.join(verdict.codes)})" if verdict.codes else ""
        self._lines.append(f"decided by {verdict.policy}: {verdict.outcome}{codes}")
        self._current = step
        workflow.upsert_search_attributes(
            [
                attributes.STEP.value_set(step),
                attributes.OUTCOME.value_set(verdict.outcome),
                attributes.POLICY.value_set(verdict.policy),
                attributes.REFUND_MINOR.value_set(verdict.refund_minor),
            ]
        )
        self._show()

    def attention(self, step: str | None) -> None:
        """Say that a step waits for a person, or that none does any more."""
        self._current = f"{step} needs attention" if step else "goes on"
        workflow.upsert_search_attributes([attributes.NEEDS_ATTENTION.value_set(bool(step))])
        self._show()

    def ended(self, ending: Ending, cause: Cause | None) -> None:
        self._current = f"ended: {ending}" + (f" ({cause})" if cause else "")
        workflow.upsert_search_attributes(
            [attributes.STEP.value_set("ended"), attributes.OUTCOME.value_set(ending)]
        )
        self._show()

    def _show(self) -> None:
        bullets = "\n".join(f"- {line}" for line in self._lines)
        workflow.set_current_details(f"### {self._title}\n{bullets}\n\n**Now:** {self._current}")


def _share(verdict: Verdict) -> str:
    if verdict.asked == verdict.units:
        return ""
    return f"{verdict.asked} of {verdict.units} items, "
