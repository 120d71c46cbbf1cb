"""Whether a report moved something to another time."""

from domain.record_rules import is_move
from domain.records import WHEN, Columns, Difference
from storage.facts import moment
from storage.records import Kept
from storage.subjects import LineRow, SubjectRow


def find_move(kept: Kept, change: Difference) -> dict[str, str] | None:
    """From when to when the subject was moved, else the first of its lines that was."""
    zone = kept.row.zone
    moved = _move(zone, kept.row, change.subject)
    if moved:
        return moved
    for line in sorted(change.lines.changed):
        moved = _move(zone, kept.lines[line], change.lines.changed[line])
        if moved:
            return moved | {"line": line}
    return None


def _move(zone: str, row: SubjectRow | LineRow, columns: Columns) -> dict[str, str] | None:
    before = moment(row.starts_at, row.starts_on)
    after = moment(columns.get("starts_at", row.starts_at), columns.get("starts_on", row.starts_on))
    if before is None or after is None or not is_move(zone, before, after):
        return None
    return {"from": before.isoformat(), "to": after.isoformat()}


def remaining_names(change: Difference, is_moved: bool) -> list[str]:
    """What changed beyond the stage and, if it was moved, its times."""
    names = set(change.names) - {"stage"}
    if is_moved:
        names -= {"starts_at", "ends_at", "reservations"}
        columns = {name for line in change.lines.changed.values() for name in line}
        if columns <= WHEN and not (change.lines.added or change.lines.dropped):
            names -= {"lines"}
    return sorted(names)
