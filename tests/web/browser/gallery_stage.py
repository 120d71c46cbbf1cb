"""What a scene of the gallery is, and what it can do to bring about what it shows."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from domain.subjects import SubjectRef
from tests.web.browser.gallery_camera import Camera
from tests.web.browser.gallery_house import House
from tests.web.browser.scenes import Customer, path_of
from tests.web.browser.visitor import Look


@dataclass(frozen=True)
class Stage:
    house: House
    camera: Camera

    @asynccontextmanager
    async def customer(
        self, subject: SubjectRef | None = None, look: Look | None = None
    ) -> AsyncIterator[Customer]:
        """Somebody who has opened the mail's link of this subject; without one, a guest."""
        async with self.camera.page(look or Look()) as page:
            customer = Customer(page, self.house.base)
            if subject is not None:
                await customer.go(await self.house.link(subject))
            yield customer

    async def cancel(
        self, name: str, subject: SubjectRef, wanted: dict[str, int] | None = None
    ) -> None:
        """Cancel it as its customer; the page that tells of it is kept under `name`."""
        async with self.customer(subject) as customer:
            await customer.go(path_of(subject))
            self.house.kept[name] = await customer.cancel(subject, wanted)


Walk = Callable[[Customer, House], Awaitable[None]]
Before = Callable[[Stage], Awaitable[object]]


@dataclass(frozen=True)
class Scene:
    """`before` happens once, `walk` for each picture. `who` is the subject whose link is opened.

    Key pages are shown in every look, the others in English and light.
    """

    name: str
    caption: str
    walk: Walk
    who: SubjectRef | None = None
    before: Before | None = None
    is_key: bool = False


def at(path: str) -> Walk:
    """Go there."""

    async def walk(customer: Customer, house: House) -> None:
        await customer.go(path)

    return walk


def at_kept(name: str) -> Walk:
    """Go to the page that an earlier scene brought about."""

    async def walk(customer: Customer, house: House) -> None:
        await customer.go(house.kept[name])

    return walk
