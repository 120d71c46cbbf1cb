"""A real browser, and the customers' pages served to it. Both are there once a session."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from uuid import uuid4

import pytest
from playwright.async_api import Browser, async_playwright
from temporalio.client import Client

from storage.database import make_engine, make_sessions
from tests.databases import Databases
from tests.end_to_end.conftest import running_business
from tests.mail import MailServer
from tests.web.browser import installed
from tests.web.browser.pages import Stage
from tests.web.browser.product import Product, serving, settings_of_pages
from tests.web.browser.purchases import furnish
from tests.web.browser.visitor import Look, Visitor, visiting

Visit = Callable[[Look], AbstractAsyncContextManager[Visitor]]

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        path = installed.find(playwright.chromium.executable_path)
        if path is None:
            (pytest.fail if installed.is_required() else pytest.skip)(installed.REMEDY)
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
async def product(databases: Databases, temporal: Client) -> AsyncIterator[Product]:
    queue = f"test-{uuid4().hex}"
    async with MailServer.running() as mails, databases.lent() as database:
        told = settings_of_pages()
        engine = make_engine(database)
        world = (database, make_sessions(engine), temporal, queue, mails)
        async with (
            running_business(*world, told) as business,
            serving(business, database, told) as product,
        ):
            yield product
        await engine.dispose()


@pytest.fixture(scope="session")
async def stage(product: Product) -> Stage:
    await furnish(product.business)
    return Stage(product)


@pytest.fixture
def visit(browser: Browser, product: Product) -> Visit:
    """Look at the pages: `async with visit(Look(width=320)) as visitor`."""
    return partial(visiting, browser, product)
