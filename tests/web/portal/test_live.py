"""Status pages that stay open, over real HTTP: what they are told, and what that costs."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, aclosing, asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import event, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.subjects import SubjectRef
from storage import events, requests
from storage.cancellations import CancellationRow
from storage.notifications import NotificationRow, NotificationState
from tests.api.streaming import FAR, PATIENCE, Served, following, served
from tests.web.conftest import Pages
from tests.web.portal.asking import approve, cancelled, until
from use_cases.actors import Scope
from use_cases.standings import Standing
from use_cases.stream_views import Sign
from use_cases.streams import Streams
from web.portal.app import make_portal
from web.shared.paths import ROOT


@dataclass
class Stand:
    """Pages over real HTTP, and an order whose cancellation waits for a person."""

    pages: Pages
    served: Served
    order: SubjectRef
    here: str

    @property
    def id(self) -> UUID:
        return UUID(self.here.rpartition("/")[2])

    async def change(self, until: datetime) -> None:
        """Have the person answer until then, as an event tells."""
        async with self.pages.shop.context.sessions.begin() as session:
            await session.execute(
                update(CancellationRow)
                .where(CancellationRow.id == self.id)
                .values(approval_until=until)
            )
            await self._happen(session)

    async def happen(self) -> None:
        async with self.pages.shop.context.sessions.begin() as session:
            await self._happen(session)

    async def _happen(self, session: Any) -> None:
        subject_id = await requests.subject_of(session, self.id)
        now = self.pages.shop.context.clock()
        await events.record(session, subject_id, "test", now, cancellation_id=self.id)

    @asynccontextmanager
    async def open(self, language: str = "en") -> AsyncIterator["Opened"]:
        """The page in a browser of its own, once it shows the first state."""
        visitor = await self.pages.customer_of(self.order, **{"Accept-Language": language})
        headers = {"Accept-Language": language}
        async with (
            httpx.AsyncClient(
                base_url=self.served.url,
                cookies=dict(visitor.cookies),
                headers=headers,
                timeout=PATIENCE,
            ) as client,
            client.stream("GET", f"{self.here}/live") as answer,
        ):
            assert answer.status_code == 200, await answer.aread()
            opened = Opened(visitor, client, answer)
            opened.first = await opened.next()
            yield opened


class Opened:
    """One open page. `first` is the state that it opened with."""

    first = ""

    def __init__(
        self, visitor: httpx.AsyncClient, client: httpx.AsyncClient, answer: httpx.Response
    ) -> None:
        self.visitor, self.client = visitor, client
        self._lines = answer.aiter_lines()

    async def next(self) -> str:
        """The next state as HTML, or the sign that ends the stream."""
        name, told = "", []
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data":
                    told.append(value)
                elif not line and name:
                    return "\n".join(told) if name == "progress" else name
        raise EOFError


@pytest.fixture
async def stand(pages: Pages, database: str) -> AsyncIterator[Stand]:
    order = await pages.shop.order("asks")
    _, here = await cancelled(pages, order)
    async with _serving(pages, database) as serving:
        yield Stand(pages, serving, order, here)


@asynccontextmanager
async def _serving(
    pages: Pages, database: str, heartbeat: timedelta = FAR
) -> AsyncIterator[Served]:
    def put(app: FastAPI, streams: Streams) -> None:
        app.mount(ROOT, make_portal(replace(pages.portal, streams=streams)))

    async with served(pages.shop.context, database, heartbeat=heartbeat, pages=put) as serving:
        yield serving


@contextmanager
def _reads(engine: AsyncEngine) -> Iterator[list[str]]:
    """All statements that read a cancellation with its request, or a subject's lines."""
    told: list[str] = []

    def hear(*executed: Any) -> None:
        statement = str(executed[2])
        if "LEFT OUTER JOIN cancellations" in statement or "FROM lines" in statement:
            told.append(statement)

    event.listen(engine.sync_engine, "before_cursor_execute", hear)
    yield told
    event.remove(engine.sync_engine, "before_cursor_execute", hear)


async def _until_quiet(told: list[str]) -> None:
    before = -1
    while before != len(told):
        before = len(told)
        await asyncio.sleep(0.3)
    told.clear()


def _token(html: str) -> str:
    found = re.search(r'name="form_token" value="(\w+)"', html)
    assert found
    return found[1]


def _later(stand: Stand, hours: int) -> datetime:
    return stand.pages.shop.context.clock() + timedelta(hours=hours)


async def test_all_pages_of_a_cancellation_are_told_by_one_read(
    stand: Stand, engine: AsyncEngine
) -> None:
    async with AsyncExitStack() as stack:
        opened = [await stack.enter_async_context(stand.open()) for _ in range(5)]
        with _reads(engine) as told:
            await _until_quiet(told)
            await stand.change(_later(stand, 30))
            shown = [await one.next() for one in opened]
            await asyncio.sleep(0.2)
        assert len(told) == 1, told
    assert all(html != one.first for html, one in zip(shown, opened, strict=True))


async def test_a_page_and_a_stream_of_the_api_share_that_read(
    stand: Stand, engine: AsyncEngine
) -> None:
    link = f"/v1/cancellations/{stand.id}"
    client = await stand.served.client(Scope.READ)
    async with stand.open() as opened, following(client, link) as stream:
        await stream.next()
        with _reads(engine) as told:
            await _until_quiet(told)
            await stand.change(_later(stand, 30))
            await opened.next()
            assert [(await stream.next()).name for _ in range(2)] == ["test", "status"]
        assert len(told) == 1, told


async def test_each_page_has_its_own_form_token_and_takes_no_other(stand: Stand) -> None:
    async with stand.open() as ada, stand.open() as other:
        await stand.change(_later(stand, 30))
        first, second = await ada.next(), await other.next()
        tokens = [_token(html) for html in (ada.first, other.first, first, second)]
        assert len(set(tokens)) == 4
        assert first.replace(tokens[2], "") == second.replace(tokens[3], "")
        undo = f"{stand.here}/undo"
        refused = await ada.visitor.post(undo, data={"form_token": tokens[3]})
        assert refused.status_code == 403
        taken = await ada.visitor.post(undo, data={"form_token": tokens[2]})
        assert taken.status_code == 200
        assert "You took it back" in (await until(ada.visitor, stand.here, "You took it")).text


async def test_each_reads_in_their_own_language_and_by_their_own_clock(
    stand: Stand, engine: AsyncEngine
) -> None:
    async with stand.open() as english, stand.open("de") as german, stand.open("en") as away:
        away.client.cookies.set("zone", "Asia/Tokyo")
        async with away.client.stream("GET", f"{stand.here}/live") as answer:
            tokyo = Opened(away.visitor, away.client, answer)
            await tokyo.next()
            with _reads(engine) as told:
                await _until_quiet(told)
                await stand.change(_later(stand, 30))
                shown = [await one.next() for one in (english, german, tokyo)]
            assert len(told) == 1, told
    assert "A person looks at it" in shown[0]
    assert "Ein Mensch sieht sie sich an" in shown[1]
    assert "where you are" in shown[2]
    assert "where you are" not in shown[0]


async def test_a_change_of_the_order_itself_is_shown(stand: Stand) -> None:
    async with stand.open() as opened:
        await stand.pages.shop.change(stand.order, customer_email="countess@example.com")
        await stand.happen()
        assert "countess@example.com" in await opened.next()
        assert "countess@example.com" not in opened.first


async def test_the_heading_and_the_sums_follow_as_well(stand: Stand) -> None:
    async with stand.open() as opened:
        assert '<h1 id="kind">Request for a cancellation</h1>' in opened.first
        assert "You would get back" in opened.first
        await approve(stand.pages, stand.here, refund_minor=5_000)
        told = ""
        while "You can still take it back." not in told:
            told = await opened.next()
    assert '<h1 id="kind">Cancellation</h1>' in told
    assert "You get back" in told
    assert "€50.00" in told
    assert "Kept by decision of our staff" in told


async def test_what_looks_as_before_is_not_sent_again(stand: Stand) -> None:
    async with stand.open() as opened:
        for _ in range(3):
            await stand.happen()
        await stand.change(_later(stand, 30))
        shown = await opened.next()
        assert _until(shown) != _until(opened.first)


def _until(html: str) -> list[str]:
    return re.findall(r"by .* at the latest", html)


async def test_who_is_slow_gets_the_newest_alone_and_holds_up_nobody(stand: Stand) -> None:
    streams = stand.served.streams
    first = await streams.standing(stand.id)
    async with (
        aclosing(streams.follow_standing(first)) as slow,
        aclosing(streams.follow_standing(first)) as quick,
    ):
        assert await anext(slow) is first
        assert await anext(quick) is first
        ends = [_later(stand, hours) for hours in (30, 31, 32)]
        for end in ends:
            await stand.change(end)
            async with asyncio.timeout(PATIENCE):
                while _end(await anext(quick)) != end:
                    pass
        assert _end(await anext(slow)) == ends[-1]


def _end(now: Standing | Sign) -> datetime | None:
    assert isinstance(now, Standing)
    return now.seen.approval_until


async def test_an_order_that_becomes_somebody_else_s_is_told_to_them_alone(stand: Stand) -> None:
    async with stand.open() as opened:
        await stand.pages.shop.change(
            stand.order, customer_ref="c2", customer_email="bob@example.com"
        )
        await stand.change(_later(stand, 30))
        assert await opened.next() == "bye"
        again = await opened.client.get(f"{stand.here}/live")
        assert again.status_code == 404


async def test_a_page_ends_when_all_of_it_is_told_also_that_its_mail_went_out(
    pages: Pages, database: str
) -> None:
    order = await pages.shop.order()
    visitor, here = await cancelled(pages, order)
    await until(visitor, here, "We mailed")
    await _mail(pages, NotificationState.DUE)
    async with _serving(pages, database, timedelta(seconds=0.1)) as serving:
        stand = Stand(pages, serving, order, here)
        async with stand.open() as opened:
            assert "is on its way" in opened.first
            await _mail(pages, NotificationState.SENT)
            assert "We mailed" in await opened.next()
            assert await opened.next() == "end"
        async with stand.open() as again:
            assert await again.next() == "end"


async def _mail(pages: Pages, state: NotificationState) -> None:
    async with pages.shop.context.sessions.begin() as session:
        await session.execute(update(NotificationRow).values(state=state))


async def test_nobody_is_told_of_somebody_else_s(stand: Stand) -> None:
    other = await stand.pages.shop.order(customer={"ref": "c9", "email": "eve@example.com"})
    visitor = await stand.pages.customer_of(other)
    for path in (stand.here, f"{stand.here}/live", f"{stand.here}/receipt"):
        assert (await visitor.get(path)).status_code == 404
