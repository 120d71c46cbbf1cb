"""What a warehouse is asked, and what it may answer."""

from enum import StrEnum
from uuid import UUID

from domain.subjects import SubjectRef
from domain.values import Quantity, Ref, Value


class StopAnswer(StrEnum):
    """Stopped: nothing leaves any more. Refused: it is too late. Pending: it answers later."""

    STOPPED = "stopped"
    REFUSED = "refused"
    PENDING = "pending"


class StopLine(Value):
    """So many of one line that must not leave."""

    id: Ref
    sku: str
    quantity: Quantity


class StopRequest(Value):
    """`key` is the cancellation's id: it names the request in every repeat and in the answer."""

    key: UUID
    subject: SubjectRef
    lines: tuple[StopLine, ...]
