"""Many cells at once: each is played to its end and checked."""

import asyncio
from collections.abc import Mapping, Sequence
from itertools import groupby

from sqlalchemy import select
from temporalio.testing import WorkflowEnvironment

from domain.attention import Waits
from domain.lifecycle import RefundState
from domain.subjects import Handling
from sandbox import control
from storage.invariants import violations
from storage.notifications import NotificationRow
from storage.refunds import RefundRow
from tests.end_to_end.conftest import Business
from tests.refunds.cells import Cell, Outcome, documented
from tests.refunds.playing import Play
from tests.refunds.subjects import PRICE, scene_of
from use_cases import status, subjects
from use_cases.views import EventView

CROWD = 12
"""So many cells are busy at once. More would time out on their own."""


async def act(
    business: Business, env: WorkflowEnvironment, task_queue: str, cells: Sequence[Cell]
) -> dict[Cell, Outcome]:
    """Play all cells and say how each ended. Raises what was red, each with its cell.

    All cancellations stand before anything moves on: to one of them the provider's clock is moved,
    and it has only one.
    """
    crowd = asyncio.Semaphore(CROWD)

    async def begin(cell: Cell) -> Play:
        async with crowd:
            scene = await scene_of(business, cell)
            return await Play.begin(business, env, scene, task_queue)

    async def end(play: Play | BaseException) -> Outcome:
        if isinstance(play, BaseException):
            raise play
        async with crowd:
            await play.end()
            return await outcome(play)

    begun = await asyncio.gather(*map(begin, cells), return_exceptions=True)
    played = await asyncio.gather(*map(end, begun), return_exceptions=True)
    async with business.sessions() as session:
        broken = [f"{promise}: {where}" for promise, where in await violations(session)]
    red = [
        f"{cell}: {type(error).__name__}: {error}"
        for cell, error in zip(cells, played, strict=True)
        if isinstance(error, BaseException)
    ]
    assert not broken + red, "\n".join(broken + red)
    return {
        cell: word
        for cell, word in zip(cells, played, strict=True)
        if not isinstance(word, BaseException)
    }


def as_documented(outcomes: Mapping[Cell, Outcome]) -> bool:
    """Whether all ended as they should; those that didn't are named."""
    red = [
        f"{cell}: {told}, not {documented(cell)}"
        for cell, told in outcomes.items()
        if told != documented(cell)
    ]
    assert not red, "\n".join(red)
    return True


async def outcome(play: Play) -> Outcome:
    """How it ended; that the money moved once is checked on both sides."""
    row = await play.row()
    await _check_money(play, row)
    return Outcome(row.state.value, _moved(row), await _seen(play), await _mails(play))


async def _seen(play: Play) -> str:
    """Where the money stood to the customer's eyes, by the history; what was really seen of it in
    passing must be part of that."""
    history = await status.events_of(play.business.context, play.id)
    words = [word for event in history if (word := _word(event))]
    begun = words.index(_CANCELLED)
    start = play.seen[0] if begun == 0 else words[begun - 1]
    words = [word for word, _ in groupby([start, *words[begun + 1 :]])]
    rest = iter(words)
    assert all(word in rest for word in play.seen), (play.seen, words)
    return " → ".join(words)


def _word(event: EventView) -> str | None:
    is_handed_over = event.type == "refund_needs_attention" and event.data["waits"] == Waits.MANUAL
    return "owed" if is_handed_over else _WORDS.get(event.type)


_CANCELLED = "cancelled"
_WORDS = {
    "cancelled": _CANCELLED,
    "refund_pending": "on_its_way",
    "refund_approve": "on_its_way",
    "refund_requires_action": "requires_action",
    "refund_succeeded": "settled",
    "refund_settle_by_hand": "settled",
    "refund_skip": "settled",
    "refund_failed": "failed",
}


def _moved(row: RefundRow) -> str:
    if row.state is RefundState.WAIVED:
        return "nothing"
    return {
        Handling.PROVIDER: "to the card",
        Handling.LEDGER: "store credit",
        Handling.MANUAL: "by hand",
    }[row.handling]


async def _check_money(play: Play, row: RefundRow) -> None:
    """The price went back once, and of the provider's refunds only the one that did it counts."""
    at_provider = [
        refund.amount
        for refund in await control.refunds_of(play.business.cards, play.scene.card)
        if refund.state == "succeeded"
    ]
    expected = 0 if row.state is RefundState.WAIVED else PRICE
    assert at_provider == ([PRICE] if _moved(row) == "to the card" else [])
    (tender,) = (await subjects.get(play.business.context, play.scene.ref, ["en"])).tenders
    assert (tender.pending_minor, tender.returned_minor) == (0, expected)


async def _mails(play: Play) -> str:
    """The customer's mails by name, in the order in which they were due; so many really came."""
    async with play.business.sessions() as session:
        names = await session.scalars(
            select(NotificationRow.template)
            .where(
                NotificationRow.cancellation_id == play.id,
                NotificationRow.audience == "customer",
                NotificationRow.state == "sent",
            )
            .order_by(NotificationRow.created_at)
        )
        sent = list(names)
    came = [to for to in play.business.mails.recipients if to == [play.scene.email]]
    assert len(came) == len(sent)
    return ", ".join(sent)
