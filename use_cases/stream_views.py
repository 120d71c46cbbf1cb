"""What a stream says."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeAlias, TypeVar
from uuid import UUID

from domain.money_state import MoneyState
from storage.events import EventRow
from use_cases.subject_views import SubjectView
from use_cases.views import CancellationView, EventView

V = TypeVar("V", SubjectView, CancellationView)


class Sign(StrEnum):
    """Quiet: nothing for a while. The others end a stream: nothing more will come; it fell too far
    behind; the process stops. After the last two, coming back with the last id loses nothing."""

    QUIET = "quiet"
    END = "end"
    OVERFLOW = "overflow"
    BYE = "bye"


@dataclass(frozen=True)
class Snapshot:
    """The whole as it stands, before the events behind `after`."""

    view: SubjectView | CancellationView
    after: int


Message: TypeAlias = Snapshot | CancellationView | EventView | Sign
"""A bare view is a change of the whole; it comes behind the events that led to it."""


@dataclass(frozen=True)
class Opening(Generic[V]):
    """A stream about to begin: the subject's row, the whole at this place in its sequence, and the
    place from which events are wanted."""

    subject_id: UUID
    view: V
    sequence: int
    after: int


def is_over(view: CancellationView) -> bool:
    """Whether nothing more is expected: at rest, and all money that was owed has gone back."""
    return view.is_at_rest and view.money in (MoneyState.NONE, MoneyState.SETTLED)


def event_view(row: EventRow) -> EventView:
    return EventView(
        sequence=row.sequence, type=row.type, at=row.at, actor=row.actor, data=row.data
    )
