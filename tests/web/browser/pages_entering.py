"""Pages for who comes in, who leaves, and who finds the way closed."""

import asyncio
import re
from uuid import uuid4

from sqlalchemy import select, update

from storage.portal import PortalTryRow
from tests.web.browser.product import Product
from tests.web.browser.purchases import a_customer, order, path_of
from tests.web.browser.way import Way
from web.portal.limits import LINKS_FOR_ONE
from web.portal.visit import SESSION


async def enter(product: Product) -> Way:
    return Way("/enter", has='name="number"')


async def enter_unfinished(product: Product) -> Way:
    told = {"number": "1042", "email": ""}
    return Way("/enter", fill=told, press="/enter", status=422, has='role="alert"')


async def sent(product: Product) -> Way:
    told = {"number": "o-none", "email": "nobody@example.com"}
    return Way("/enter", fill=told, press="/enter", has='href="/my/enter"')


async def once(product: Product) -> Way:
    """A link that works once, and is not used."""
    customer = a_customer()
    bought = await order(product.business, customer=customer)
    told = {"number": bought.id, "email": customer["email"]}
    await Way("/enter", fill=told, press="/enter").by_http(product)
    (path,) = re.findall(r"/my(/once/\S+)", await _mailed_to(product, customer["email"]))
    return Way(path, has="/my/once/")


async def _mailed_to(product: Product, address: str) -> str:
    async with asyncio.timeout(60):
        while True:
            for mail in product.business.mails.messages:
                if address in str(mail["To"]) and (body := mail.get_body(("plain",))):
                    return str(body.get_content())
            await asyncio.sleep(0.05)


async def too_much(product: Product) -> Way:
    """For who has asked for a number very often: this one was counted a million times."""
    told = {"number": uuid4().hex[:12], "email": "nobody@example.com"}
    async with product.business.sessions.begin() as session:
        known = (await session.scalars(select(PortalTryRow.bucket))).all()
    await Way("/enter", fill=told, press="/enter").by_http(product)
    counted = PortalTryRow.bucket.startswith(LINKS_FOR_ONE.name)
    async with product.business.sessions.begin() as session:
        new = update(PortalTryRow).where(counted, PortalTryRow.bucket.not_in(known))
        await session.execute(new.values(tries=1_000_000))
    return Way("/enter", fill=told, press="/enter", status=429)


async def link_expired(product: Product) -> Way:
    return Way("/open/none", status=410)


async def signed_out(product: Product) -> Way:
    return Way("/", cookies={SESSION: "over"}, status=401, has='role="alert"')


async def left(product: Product) -> Way:
    return Way("/", await order(product.business), press="/leave")


async def missing(product: Product) -> Way:
    return Way("/orders/none", await order(product.business), status=404)


async def form_refused(product: Product) -> Way:
    bought = await order(product.business)
    path, told = f"{path_of(bought)}/cancel", {"form_token": "made-up"}
    return Way(path, bought, fill=told, press="/cancel", status=403)


async def preferences(product: Product) -> Way:
    return Way("/preferences", await order(product.business), has='name="zone"')


async def preferences_of_a_stranger(product: Product) -> Way:
    return Way("/preferences", has='name="zone"')
