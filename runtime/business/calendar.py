"""Instants around the moment of seeding, so that the example business always looks alive."""

from datetime import UTC, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from domain.reports import SubjectReport
from domain.subjects import SubjectRef

ZONE = "Europe/Berlin"
_OPEN = (2, 3, 4, 5, 6)
"""Tuesday to Saturday, by ISO weekday."""


class Calendar:
    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    def ago(self, **span: float) -> datetime:
        """That long before the seeding, to the minute."""
        return (self.now - timedelta(**span)).replace(second=0, microsecond=0)

    def ahead(self, **span: float) -> datetime:
        """That long after the seeding, at the next quarter of an hour."""
        at = (self.now + timedelta(**span)).replace(second=0, microsecond=0)
        return at + timedelta(minutes=-at.minute % 15)

    def day(self, days: int, clock: str) -> datetime:
        """A time of day so many calendar days from today, there."""
        today = self.now.astimezone(ZoneInfo(ZONE)).date()
        local = datetime.combine(today + timedelta(days=days), time.fromisoformat(clock))
        return local.replace(tzinfo=ZoneInfo(ZONE)).astimezone(UTC)

    def open_day(self, count: int, clock: str) -> datetime:
        """A time of day on the count-th day after today on which the shop is open."""
        days = 0
        while count:
            days += 1
            count -= self.day(days, "12:00").isoweekday() in _OPEN
        return self.day(days, clock)


class Told(NamedTuple):
    """What is told of a subject, and when."""

    at: datetime
    subject: SubjectRef
    report: SubjectReport


CUSTOMERS: dict[str, dict[str, Any]] = {
    "ada": {"ref": "c-101", "name": "Ada Sommer", "email": "ada.sommer@example.com"},
    "bruno": {"ref": "c-102", "name": "Bruno Keller", "email": "bruno.keller@example.com"},
    "claire": {"ref": "c-103", "name": "Claire Petit", "email": "claire.petit@example.com"},
    "diego": {"ref": "c-104", "name": "Diego Ruiz", "email": "diego.ruiz@example.com"},
    "elif": {"ref": "c-105", "name": "Elif Yılmaz", "email": "elif.yilmaz@example.com"},
    "frank": {"ref": "c-106", "name": "Frank de Vries", "email": "frank.devries@example.com"},
    "haruto": {"ref": "c-107", "name": "Haruto Mori", "email": "haruto.mori@example.com"},
    "grace": {"ref": "c-108", "name": "Grace Miller", "email": "grace.miller@example.com"},
    "layla": {"ref": "c-109", "name": "ليلى حداد", "email": "layla.haddad@example.com"},
    "joao": {"ref": "c-110", "name": "João Lima", "email": "joao.lima@example.com"},
}
_LANGUAGES = {"ada": "en", "claire": "fr", "diego": "es", "elif": "de", "frank": "nl"}
_FAR = {"haruto": "ja", "grace": "en-US", "layla": "ar", "joao": "pt-BR"}
_ZONES = {"haruto": "Asia/Tokyo", "grace": "America/New_York", "joao": "America/Sao_Paulo"}


def customer(name: str) -> dict[str, Any]:
    """A customer; the others read German, and live where the business is."""
    own = {"language": (_LANGUAGES | _FAR).get(name, "de"), "zone": _ZONES.get(name, ZONE)}
    return CUSTOMERS[name] | own
