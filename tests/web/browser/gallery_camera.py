"""Taking a page's picture in a language, a scheme and a width, in few bytes."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from itertools import product
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.async_api import Browser, Page, async_playwright

from tests.web.browser.conftest import ARGUMENTS
from tests.web.browser.installed import REMEDY, find
from tests.web.browser.visitor import LOCALES, Look

_SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
EVERY = tuple(
    Look(scheme, width, language=language)
    for language, scheme, width in product(("en", "ar"), _SCHEMES, (1280, 390))
)
USUAL = tuple(look for look in EVERY if (look.language, look.scheme) == ("en", "light"))


@dataclass(frozen=True)
class Camera:
    browser: Browser
    folder: Path

    @asynccontextmanager
    async def page(self, look: Look) -> AsyncIterator[Page]:
        """A page of a browser that has nothing of earlier ones."""
        context = await self.browser.new_context(
            viewport={"width": look.width, "height": look.height},
            color_scheme=look.scheme,
            locale=LOCALES[look.language],
            timezone_id="Europe/Berlin",
            reduced_motion="reduce",
        )
        context.set_default_timeout(20_000)
        yield await context.new_page()
        await context.close()

    async def take(self, page: Page, name: str, look: Look) -> None:
        await page.evaluate("document.fonts.ready.then(() => true)")
        height = int(await page.evaluate("document.documentElement.scrollHeight"))
        if height > look.height:  # what sticks to the window's end would lie across the page
            await page.set_viewport_size({"width": look.width, "height": height})
        picture = await page.screenshot(full_page=True, caret="hide")
        keep(picture, self.folder / f"{name}-{look}.webp")


@asynccontextmanager
async def camera(folder: Path) -> AsyncIterator[Camera]:
    folder.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        path = find(playwright.chromium.executable_path)
        if path is None:
            raise RuntimeError(REMEDY)
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield Camera(browser, folder)
        await browser.close()


def keep(picture: bytes, file: Path) -> None:
    """Pages are flat: WebP that loses a little is a third of a PNG, and looks the same."""
    with Image.open(BytesIO(picture)) as image:
        image.convert("RGB").save(file, "WEBP", quality=82, method=6)


def looks(is_key: bool) -> Iterator[Look]:
    yield from EVERY if is_key else USUAL
