"""The cells of the fault matrix, made by rule: which there are, why others can't be, and how each
is documented to end."""

from datetime import timedelta
from enum import StrEnum
from typing import NamedTuple

from temporalio.workflow import ActivityConfig, LocalActivityConfig

from workflows.options import (
    BRIEF,
    MAIL,
    PATIENCE,
    PAYMENT,
    QUICK,
    UNTIL_DONE,
    WAREHOUSE,
    WITHDRAWAL,
)


class Kind(StrEnum):
    """An order of goods, an appointment, and an order with goods and a workshop."""

    ORDER = "order"
    APPOINTMENT = "appointment"
    MIXED = "mixed"


class Fault(StrEnum):
    """What happens to one step of one cancellation."""

    REJECTED = "rejected"
    SLOW = "slow"
    SILENT = "silent"
    REPLY_LOST = "reply_lost"
    LATE = "late"
    KILLED_BEFORE = "killed_before"
    KILLED_AFTER = "killed_after"
    DATABASE_BEFORE = "database_before"
    DATABASE_AFTER = "database_after"
    TEMPORAL_BEFORE = "temporal_before"
    TEMPORAL_AFTER = "temporal_after"
    CANCELLED_BEFORE = "cancelled_before"
    CANCELLED_AFTER = "cancelled_after"
    TERMINATED_BEFORE = "terminated_before"
    TERMINATED_AFTER = "terminated_after"

    @property
    def is_outside(self) -> bool:
        """Whether it strikes everything at once, or comes from ops: tried on mixed orders only."""
        return self in _OUTSIDE

    @property
    def is_before(self) -> bool:
        return self.endswith("_before")


_OUTSIDE = frozenset(list(Fault)[7:])
STEP_FAULTS = tuple(fault for fault in Fault if not fault.is_outside)
OUTSIDE_FAULTS = tuple(fault for fault in Fault if fault.is_outside)


class Rule(NamedTuple):
    """What is true of a step: how long it is tried, what it needs, what undoes it."""

    options: ActivityConfig | LocalActivityConfig
    needs: str = ""
    undone_by: str = ""


WITHIN = timedelta(seconds=90)
"""So long has a warehouse to answer; its silence is a no."""

ASKED: ActivityConfig = {**WAREHOUSE, "schedule_to_close_timeout": WITHIN}

STEPS = {
    "validate": Rule(QUICK, undone_by="restore_status"),
    "confirm_hold": Rule(QUICK, undone_by="restore_status"),
    "ask_to_stop": Rule(ASKED, needs="goods", undone_by="withdraw_stop"),
    "release_slots": Rule(BRIEF, needs="slots", undone_by="reserve_slots"),
    "restock": Rule(BRIEF, needs="goods", undone_by="unrestock"),
    "trigger_refund": Rule(PATIENCE, undone_by="drop_refunds"),
    "look_up_refund": Rule(PATIENCE),
    "update_status": Rule(UNTIL_DONE),
    "send_notifications": Rule(MAIL),
    "drop_refunds": Rule(UNTIL_DONE),
    "unrestock": Rule(UNTIL_DONE, needs="goods"),
    "reserve_slots": Rule(UNTIL_DONE, needs="slots"),
    "withdraw_stop": Rule(WITHDRAWAL, needs="goods"),
    "restore_status": Rule(UNTIL_DONE),
    "follow_refund": Rule(PAYMENT),
    "climb_refund": Rule(UNTIL_DONE),
    "settle_refund": Rule(UNTIL_DONE),
}
UNDOS = ("drop_refunds", "unrestock", "reserve_slots", "withdraw_stop", "restore_status")
BEFORE_THE_SEAL = ("validate", "confirm_hold", "ask_to_stop", "release_slots", "restock")
OF_A_WAREHOUSE = ("ask_to_stop", "withdraw_stop")
OF_A_REFUND = ("follow_refund", "climb_refund", "settle_refund")
"""Steps of a refund's own run."""

_LACKS = {
    ("slots", Kind.ORDER): "an order has no reserved time",
    ("goods", Kind.APPOINTMENT): "an appointment has no goods",
}


class Cell(NamedTuple):
    step: str
    fault: Fault
    kind: Kind

    def __str__(self) -> str:
        return f"{self.step} {self.fault} {self.kind}"


def absence(cell: Cell) -> str | None:
    """Why there is no such cell."""
    rule = STEPS[cell.step]
    if lack := _LACKS.get((rule.needs, cell.kind)):
        return lack
    if cell.fault.is_outside and cell.kind is not Kind.MIXED:
        return "tried on mixed orders, which take every step"
    if cell.fault is Fault.LATE and not rule.undone_by:
        return "nothing undoes this step"
    if cell.fault is Fault.SILENT and rule.options is MAIL:
        return "mails are tried for two days"
    if cell.fault is Fault.SILENT and rule.options is WITHDRAWAL:
        return "a warehouse is told for a quarter of an hour"
    if cell.fault is Fault.SILENT and rule.options is PAYMENT:
        return "this step is tried again hours later"
    if cell.fault is Fault.SILENT and "schedule_to_close_timeout" not in rule.options:
        return "this step is tried for ever"
    return None


def every(*faults: Fault) -> list[Cell]:
    """The cells there are of these faults."""
    all_of_them = (Cell(step, fault, kind) for fault in faults for step in STEPS for kind in Kind)
    return [cell for cell in all_of_them if absence(cell) is None]


def documented(cell: Cell) -> str:
    """How docs/saga.md says that it ends."""
    match cell.fault:
        case Fault.REJECTED | Fault.LATE if cell.step == "ask_to_stop":
            return "declined (overtaken)"
        case Fault.SILENT if cell.step == "ask_to_stop":
            return "cancelled"  # each attempt had its effect too late: the answer is on record
        case Fault.REJECTED:
            return _REJECTED.get(cell.step) or _undisturbed(cell.step)
        case Fault.SILENT | Fault.LATE if cell.step in BEFORE_THE_SEAL:
            return "restored (step_failed)"
        case Fault.LATE:
            return "restored (refund_rejected)"
        case Fault.CANCELLED_BEFORE | Fault.CANCELLED_AFTER:
            return _cancelled_by_ops(cell)
        case Fault.TERMINATED_BEFORE | Fault.TERMINATED_AFTER:
            return _terminated(cell)
    return _undisturbed(cell.step)


def _undisturbed(step: str) -> str:
    """How a cancellation ends that meets this step, without a fault there."""
    if step in UNDOS:
        return "restored (refund_rejected)"
    if step in ("look_up_refund", "follow_refund"):
        return "cancelled, paid later"
    if step in OF_A_REFUND:
        return "cancelled, a person at refund, paid later"
    return "cancelled"


_SWEPT_REFUND = "cancelled, found by the sweep, a person at refund, paid later"
_SWEPT_BACK = "restored (stopped_by_ops), found by the sweep, a person at run, run again"

_REJECTED = {
    **dict.fromkeys(BEFORE_THE_SEAL, "restored (step_failed)"),
    "trigger_refund": "cancelled, paid later",
    "update_status": "cancelled, a person at update_status",
    "send_notifications": "cancelled, mails parked",
    **{undo: f"restored (refund_rejected), a person at {undo}" for undo in UNDOS},
    "follow_refund": _SWEPT_REFUND,
    "climb_refund": _SWEPT_REFUND,
}


def _cancelled_by_ops(cell: Cell) -> str:
    """A cancel counts before the seal. Of a refund's own run it leaves the refund to the sweep."""
    if cell.step in BEFORE_THE_SEAL:
        return "restored (stopped_by_ops)"
    return _stopped_refund(cell) if cell.step in OF_A_REFUND else _undisturbed(cell.step)


def _stopped_refund(cell: Cell) -> str:
    """A refund's run that is gone: found, unless a person was asked, whose word starts it anew.
    Where the money had landed, its mail is what is found."""
    match cell.step, cell.fault.is_before:
        case "follow_refund", False:
            return "cancelled, found by the sweep, paid later"
        case ("climb_refund", False) | ("settle_refund", True):
            return "cancelled, a person at refund, paid later"
    return _SWEPT_REFUND


def _terminated(cell: Cell) -> str:
    """Started again: forward if it was sealed, else back; and at rest, for what was left."""
    if cell.step in OF_A_REFUND:
        return _stopped_refund(cell)
    match cell.step, cell.fault.is_before:
        case "validate", True:
            return "cancelled, found by the sweep, run again"
        case ("trigger_refund", False) | ("update_status", True):
            return "cancelled, found by the sweep, a person at run, run again"
        case ("update_status", False) | ("send_notifications", True):
            return "cancelled, found by the sweep"
        case "send_notifications", False:
            return "cancelled"
        case "restore_status", False:
            return "restored (refund_rejected), found by the sweep"
    return _SWEPT_BACK
