"""Somebody who looks at pages in a browser, and what the browser complains of meanwhile."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, Request

from domain.subjects import SubjectRef
from tests.web.browser.product import Product

PATIENCE = 60_000
"""Milliseconds for whatever a page is waited for: the machine may be busy."""

Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
LOCALES = {"en": "en-GB", "ar": "ar-EG", "de": "de-DE"}
_ANSWERED = "Failed to load resource: the server responded with a status of 4"
"""A page that tells of a fault comes with the status of one, and Chromium notes each."""


@dataclass(frozen=True)
class Look:
    """How somebody looks at pages: `width` and `height` are in CSS pixels."""

    scheme: Scheme = "light"
    width: int = 1280
    script: bool = True
    language: str = "en"
    height: int = 900
    more: dict[str, Any] = field(default_factory=dict)
    """Further options of Playwright's `new_context`."""

    def __str__(self) -> str:
        script = "" if self.script else "-no-script"
        return f"{self.language}-{self.scheme}-{self.width}{script}"


@dataclass
class Visitor:
    """`complaints` is what the browser logged, refused or asked of other hosts."""

    page: Page
    product: Product
    complaints: list[str] = field(default_factory=list)

    async def go(self, path: str) -> None:
        """Open a page of the portal."""
        await self.page.goto(self.product.at(path))

    async def come_in(self, subject: SubjectRef) -> None:
        """Open the link of a mail."""
        await self.page.goto(await self.product.link(subject))

    def listen(self) -> None:
        self.page.on("console", self._logged)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.context.on("request", self._asked)

    def _logged(self, message: ConsoleMessage) -> None:
        if not message.text.startswith(_ANSWERED):
            self.complaints.append(f"{message.type}: {message.text}")

    def _asked(self, request: Request) -> None:
        url = urlsplit(request.url)
        if url.scheme != "data" and f"{url.scheme}://{url.netloc}" != self.product.origin:
            self.complaints.append(f"asked elsewhere: {request.url}")


@asynccontextmanager
async def visiting(browser: Browser, product: Product, look: Look) -> AsyncIterator[Visitor]:
    """Look at pages, in a browser that knows nothing yet. Fails at the end if it complained."""
    context = await browser.new_context(
        color_scheme=look.scheme,
        viewport={"width": look.width, "height": look.height},
        java_script_enabled=look.script,
        locale=LOCALES[look.language],
        reduced_motion="reduce",
        **look.more,
    )
    context.set_default_timeout(PATIENCE)
    try:
        visitor = Visitor(await context.new_page(), product)
        visitor.listen()
        yield visitor
        assert not visitor.complaints, visitor.complaints
    finally:
        await context.close()
