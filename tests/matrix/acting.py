"""Many cells at once: each is played, checked, and followed by a cancellation of what is left."""

import asyncio
from collections.abc import Mapping, Sequence

from sqlalchemy import text

from storage.invariants import violations
from tests.matrix.cells import Cell, Fault, Kind, documented
from tests.matrix.checking import check
from tests.matrix.meddling import Late, Meddling, Parked, Plan, Rejected, ReplyLost, Slow
from tests.matrix.playing import Play
from tests.matrix.stage import Scene, Stage
from use_cases.views import Status, Word


def planned(cell: Cell) -> Plan:
    """The fault of a cell as the worker meets it; what strikes from outside finds it parked."""
    match cell.fault:
        case Fault.REJECTED:
            return Rejected()
        case Fault.SLOW | Fault.SILENT:
            return Slow(lasting=cell.fault is Fault.SILENT)
        case Fault.REPLY_LOST:
            return ReplyLost()
        case Fault.LATE:
            return Late(failure="RefundRejected" if cell.step == "trigger_refund" else "Broken")
    return Parked(before=cell.fault.is_before)


async def act(stage: Stage, cells: Sequence[Cell]) -> dict[Cell, str]:
    """Play all cells at once, and say how each ended. What was red says so instead."""
    played = await asyncio.gather(
        *(disturbed(stage, cell) for cell in cells), return_exceptions=True
    )
    await nothing_is_broken(stage)
    return {cell: word_of(outcome) for cell, outcome in zip(cells, played, strict=True)}


async def nothing_is_broken(stage: Stage) -> None:
    async with stage.sessions() as session:
        broken = [f"{promise}: {where}" for promise, where in await violations(session)]
    assert not broken, "\n".join(broken)


def as_documented(outcomes: Mapping[Cell, str]) -> bool:
    """Whether all ended as they should; those that didn't are named."""
    red = [
        f"{cell}: {word}, not {documented(cell)}"
        for cell, word in outcomes.items()
        if word != documented(cell)
    ]
    assert not red, "\n".join(red)
    return True


def word_of(outcome: str | BaseException) -> str:
    return outcome if isinstance(outcome, str) else f"red: {type(outcome).__name__}: {outcome}"


async def disturbed(stage: Stage, cell: Cell) -> str:
    """One cell whose fault needs nothing from outside."""
    async with stage.crowd:
        scene = await stage.scene(cell)
        plan = stage.meddling.plans[scene.ref.id, cell.step] = planned(cell)
        play = await Play.begin(stage, scene, lines=scene.first)
        ending = asyncio.create_task(play.end())
        met = asyncio.create_task(plan.met.wait())
        await asyncio.wait({ending, met}, return_when=asyncio.FIRST_COMPLETED)
        met.cancel()
    await ending
    return await conclude(stage, scene, play, plan)


async def conclude(stage: Stage, scene: Scene, play: Play, plan: Plan) -> str:
    """Let late bodies run, check all, cancel what is left, and check again."""
    assert plan.met.is_set(), f"the fault was never met: {await play.outcome()}"
    async with stage.crowd:
        await late_changes_nothing(stage, scene, plan)
        await check(stage, scene, [play])
        await nothing_is_broken(stage)
        forget(stage.meddling, scene)
        rest = await follow_up(stage, scene, play)
        await check(stage, scene, [play, rest])
        return await play.outcome()


async def late_changes_nothing(stage: Stage, scene: Scene, plan: Plan) -> None:
    before = await rows(stage, scene)
    plan.let_go.set()
    await plan.came_late()
    assert await rows(stage, scene) == before


def forget(meddling: Meddling, scene: Scene) -> None:
    for key in [key for key in meddling.plans if key[0] == scene.ref.id]:
        del meddling.plans[key]


async def follow_up(stage: Stage, scene: Scene, play: Play) -> Play:
    """Cancel all that is still open; what is cancelled whole declines it."""
    whole = (await play.seen()).state is Status.CANCELLED and scene.cell.kind is Kind.APPOINTMENT
    rest = await Play.begin(stage, scene, n=2)
    seen = await rest.end()
    expected = (Status.DECLINED, Word.DECLINED) if whole else (Status.CANCELLED, Word.ACCEPTED)
    assert (seen.state, seen.outcome) == expected
    return rest


async def rows(stage: Stage, scene: Scene) -> dict[str, list[str]]:
    """All rows that belong to a subject, as text."""
    async with stage.sessions() as session:
        found = {}
        for table, condition in _TABLES.items():
            query = f"SELECT t::text FROM {table} t WHERE {condition} ORDER BY 1"
            found[table] = list(await session.scalars(text(query), {"ref": scene.ref.id}))
    return found


_ID = "(SELECT id FROM subjects WHERE ref = :ref)"
_CANCELLATIONS = f"(SELECT id FROM requests WHERE subject_id = {_ID})"
_TABLES = {
    "subjects": f"id = {_ID}",
    "holds": f"subject_id = {_ID}",
    "lines": f"subject_id = {_ID}",
    "tenders": f"subject_id = {_ID}",
    "reservations": f"subject_id = {_ID}",
    "refunds": f"subject_id = {_ID}",
    "cancellations": f"subject_id = {_ID}",
    "requests": f"subject_id = {_ID}",
    "events": f"subject_id = {_ID}",
    "notifications": f"subject_id = {_ID}",
    "decisions": f"cancellation_id IN {_CANCELLATIONS}",
    "effects": f"cancellation_id IN {_CANCELLATIONS}",
    "stock_moves": f"cancellation_id IN {_CANCELLATIONS}",
}
