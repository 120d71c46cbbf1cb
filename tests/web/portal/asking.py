"""What tests of a customer's pages do again and again, as a browser without a script."""

import asyncio
import re

import httpx

from domain.subjects import SubjectRef
from tests.web.conftest import Pages
from tests.web.portal.test_flow import fields
from use_cases.actors import Scope
from web.shared.paths import ROOT

__all__ = ["approve", "cancelled", "decline", "fields", "until"]


async def cancelled(pages: Pages, subject: SubjectRef) -> tuple[httpx.AsyncClient, str]:
    """A customer who has asked to cancel all of it, and the path of the page that tells of it."""
    visitor = await pages.customer_of(subject)
    path = f"{ROOT}/{subject.kind}s/{subject.id}"
    looked = await visitor.post(f"{path}/cancel", data=fields(await visitor.get(f"{path}/cancel")))
    form = fields(looked) | {"fee": re.findall(r'name="fee" value="(\d+)"', looked.text)}
    done = await visitor.post(f"{path}/confirm", data=form)
    assert done.url.path.startswith(f"{ROOT}/cancellations/"), done.text
    return visitor, done.url.path


async def approve(pages: Pages, here: str, **answer: int) -> None:
    """Say yes as staff to the request that this page tells of."""
    await _answer(pages, here, "approve", answer)


async def decline(pages: Pages, here: str) -> None:
    """Say no as staff to the request that this page tells of."""
    await _answer(pages, here, "decline", {})


async def _answer(pages: Pages, here: str, verb: str, said: dict[str, int]) -> None:
    staff = await pages.shop.as_key(Scope.READ, Scope.DECIDE, Scope.MONEY)
    id_ = here.rpartition("/")[2]
    (await staff.post(f"/v1/cancellations/{id_}/{verb}", json=said)).raise_for_status()


async def until(visitor: httpx.AsyncClient, path: str, said: str) -> httpx.Response:
    """The page once it says this."""
    async with asyncio.timeout(20):
        while said not in (page := await visitor.get(path)).text:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
    return page
