"""What can be booked: a chair, a room, a practitioner."""

from sqlalchemy import CheckConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.base import Base, Instant, Json


class ResourceRow(Base):
    """Opening hours are civil times in `zone`, by ISO weekday: {"1": [["09:00", "17:30"]]}.

    Slots are offered every `slot_minutes`; buffers are kept free around each reservation;
    capacity n is units 1 to n.
    """

    __tablename__ = "resources"
    __table_args__ = (
        CheckConstraint("slot_minutes BETWEEN 1 AND 1440", "slot_minutes"),
        CheckConstraint("buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", "buffers"),
        CheckConstraint("capacity >= 1", "capacity"),
    )

    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    zone: Mapped[str]
    weekly_hours: Mapped[Json] = mapped_column(JSONB)
    slot_minutes: Mapped[int]
    buffer_before_minutes: Mapped[int] = mapped_column(default=0)
    buffer_after_minutes: Mapped[int] = mapped_column(default=0)
    capacity: Mapped[int] = mapped_column(default=1)
    created_at: Mapped[Instant]
    updated_at: Mapped[Instant]
