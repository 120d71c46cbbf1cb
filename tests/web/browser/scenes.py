"""A customer at a browser: what they click on the way from a mail's link to the end."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field

from playwright.async_api import Page

from domain.subjects import Kind, SubjectRef
from web.shared.paths import ROOT

_PLURALS = {Kind.ORDER: "orders", Kind.APPOINTMENT: "appointments"}


@dataclass
class Customer:
    """Finds things by what they do, not by their words: those are read in several languages.

    `seen` are the pages that were shown, in order.
    """

    page: Page
    base: str
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("load", lambda page: self.seen.append(page.url.removeprefix(self.base)))

    async def go(self, path: str) -> None:
        await self.page.goto(self.base + path)

    async def choose(self, subject: SubjectRef, wanted: Mapping[str, int] | None = None) -> None:
        """From the subject's page to the choice; `wanted` are quantities of lines, None is all."""
        await self.page.locator(f'a[href="{path_of(subject)}/cancel"]').first.click()
        if wanted is not None:
            await self.pick(wanted)

    async def pick(self, wanted: Mapping[str, int]) -> None:
        """Tick these lines and no others, each in its quantity."""
        for box in await self.page.locator('input[type="checkbox"][name="line"]').all():
            line = await box.input_value()
            await box.set_checked(line in wanted)
            many = self.page.locator(f'input[name="quantity.{line}"]')
            if line in wanted and await many.count():
                await many.fill(str(wanted[line]))

    async def give_reason(self, code: str) -> None:
        reason = self.page.locator(f'input[name="reason"][value="{code}"]')
        await self.page.locator("label", has=reason).click()

    async def press(self) -> None:
        """The page's first button, which goes on."""
        form = self.page.locator('main form[method="post"]').first
        await form.locator("button.primary").first.click()
        await self.page.wait_for_load_state()

    async def look_over(self) -> None:
        await self.press()
        await self.page.locator('form[action$="/confirm"]').wait_for()

    async def confirm(self) -> None:
        """Do it; what the page wants to be acknowledged is."""
        form = self.page.locator('form[action$="/confirm"]')
        for box in await form.locator('input[type="checkbox"]').all():
            await box.check()
        await form.locator("button.primary").first.click()
        await self.page.wait_for_url(f"**{ROOT}/cancellations/*")

    async def cancel(self, subject: SubjectRef, wanted: Mapping[str, int] | None = None) -> str:
        """All the way from the subject's page; the path of the page that tells of it."""
        await self.choose(subject, wanted)
        await self.look_over()
        await self.confirm()
        return self.path

    async def take_back(self) -> None:
        await self.page.locator('form[action$="/undo"] button').click()
        await self.page.wait_for_load_state()

    async def take_credit(self) -> None:
        await self.page.locator('form[action$="/credit"] button').click()
        await self.page.wait_for_load_state()

    async def ask_for_an_exception(self, subject: SubjectRef, words: str) -> None:
        await self.page.locator(f'a[href^="{path_of(subject)}/exception"]').first.click()
        await self.page.locator('textarea[name="note"]').fill(words)
        await self.press()
        await self.page.wait_for_url(f"**{ROOT}/cancellations/*")

    async def state(self) -> None:
        """The first step of a withdrawal, as the form stands."""
        await self.press()
        await self.page.locator('form[action$="/withdraw/confirm"]').wait_for()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.base).partition("?")[0].partition("#")[0]

    async def read(self) -> str:
        """The words of the page, spaces evened out."""
        return even(await self.page.locator("main").inner_text())

    async def until(self, said: str) -> None:
        """Wait until a page that moves by itself says this."""
        await self.page.locator("main", has_text=said).wait_for(timeout=40_000)

    async def until_reloaded(self, said: str) -> None:
        """Follow the page's own link for looking again until it says this."""
        again = self.page.locator(f'.only-plain a[href="{self.path}"]')
        async with asyncio.timeout(60):
            while even(said) not in await self.read():
                await again.click()
                await asyncio.sleep(0.2)


def path_of(subject: SubjectRef) -> str:
    return f"{ROOT}/{_PLURALS[subject.kind]}/{subject.id}"


def even(text: str) -> str:
    """The text with each run of spaces, also of those that don't break, as one."""
    return " ".join(text.split())
