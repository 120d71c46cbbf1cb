"""What people answer while a cancellation waits. The first answer in history wins."""

from temporalio.exceptions import ApplicationError

from domain.contracts import Cause, Ending, Reply, ReplyKind


class Replies:
    """At most one answer to the approval, and at most one taking back."""

    def __init__(self) -> None:
        self.approval: Reply | None = None
        self.taken_back: Reply | None = None
        self.awaits_approval = False
        self.is_closed = False

    def check(self, reply: Reply) -> None:
        """Refuse an answer that comes too late, or to a question that nobody asked."""
        if self.is_closed or self.taken_back or self._is_declined:
            raise _answered()
        is_approval = reply.kind is not ReplyKind.TAKEN_BACK
        if is_approval and (self.approval or not self.awaits_approval):
            raise _answered()

    def take(self, reply: Reply) -> None:
        if reply.kind is ReplyKind.TAKEN_BACK:
            self.taken_back = reply
        else:
            self.approval = reply

    @property
    def has_approval(self) -> bool:
        """Whether the wait for approval is over: answered, or taken back by the asker."""
        return self.approval is not None or self.taken_back is not None

    @property
    def refusal(self) -> tuple[Ending, Cause] | None:
        """How the run ends by these answers, if they turn it away."""
        if self.taken_back:
            return Ending.UNDONE, Cause.ASKER
        if self.approval and self._is_declined:
            by_clock = self.approval.is_by_clock
            return Ending.DECLINED, Cause.DEADLINE if by_clock else Cause.STAFF
        return None

    def actor_of(self, cause: Cause) -> str:
        """Who stands behind an ending, for the record."""
        if cause is Cause.ASKER and self.taken_back:
            return self.taken_back.actor
        if cause is Cause.STAFF and self.approval:
            return self.approval.actor
        return "system"

    @property
    def _is_declined(self) -> bool:
        return self.approval is not None and self.approval.kind is ReplyKind.DECLINED


def _answered() -> ApplicationError:
    return ApplicationError("this has been answered already", type="AlreadyAnswered")
