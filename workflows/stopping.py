"""A warehouse that was asked to stop: its answer, which may come by itself later."""

from temporalio.exceptions import ApplicationError

from domain.contracts import Cause, Ending, WarehouseWord
from domain.warehouses import StopAnswer


class Stopping:
    """At most one answer, and only while somebody waits for it."""

    def __init__(self) -> None:
        self.answer = StopAnswer.PENDING
        self.is_open = False

    def check(self, word: WarehouseWord) -> None:
        if not self.is_open or self.has_answer or word.answer is StopAnswer.PENDING:
            raise ApplicationError("this has been answered already", type="AlreadyAnswered")

    def take(self, word: WarehouseWord) -> None:
        self.answer = word.answer

    @property
    def has_answer(self) -> bool:
        return self.answer is not StopAnswer.PENDING

    @property
    def refusal(self) -> tuple[Ending, Cause] | None:
        """How the run ends where it is too late to stop."""
        if self.answer is StopAnswer.REFUSED:
            return Ending.DECLINED, Cause.OVERTAKEN
        return None
