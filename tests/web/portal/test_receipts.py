"""What a customer keeps of a cancellation, on a page and on paper."""

import re
from uuid import UUID

import httpx
from sqlalchemy import update

from domain.lifecycle import RefundState
from domain.subjects import SubjectRef
from storage.refunds import RefundRow
from tests.web.conftest import Pages
from tests.web.portal.asking import approve, cancelled, until
from web.shared.paths import ROOT


async def test_a_receipt_says_what_came_back_line_by_line(pages: Pages) -> None:
    await pages.shop.policy("dear", rules=[{"keep": "10%"}])
    order = await pages.shop.order("dear")
    visitor, here = await cancelled(pages, order)
    page = await until(visitor, here, "Receipt to print")
    receipt = (await visitor.get(f"{here}/receipt")).text
    for said in (
        here.rpartition("/")[2],
        order.id,
        "Ada",
        "2 × mug",
        "€30.00",
        "-€5.40",
    ):
        assert said in receipt, said
    assert re.search(r"You get back</th><td><strong><bdi>€48.60", receipt)
    assert f'href="{here}/receipt.pdf"' in page.text


async def test_a_receipt_on_paper_is_in_the_readers_language(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor, here = await cancelled(pages, order)
    await until(visitor, here, "receipt.pdf")
    for language in ("en", "ar"):
        asked = {"Accept-Language": language}
        paper, again = [await visitor.get(f"{here}/receipt.pdf", headers=asked) for _ in range(2)]
        assert paper.headers["content-type"] == "application/pdf"
        assert paper.headers["cache-control"] == "no-store"
        assert f"/Lang ({language})".encode() in paper.content
        assert paper.content.startswith(b"%PDF-")
        assert paper.content == again.content


async def test_papers_are_their_customers_alone_and_come_with_the_end(pages: Pages) -> None:
    visitor, here = await cancelled(pages, await pages.shop.order())
    page = await until(visitor, here, "Credit note")
    link = _note(page)
    note = await visitor.get(link)
    assert (note.status_code, note.content[:5]) == (200, b"%PDF-")
    asked, waiting = await cancelled(pages, await pages.shop.order("asks"))
    for name in ("receipt", "receipt.pdf"):
        assert (await asked.get(f"{waiting}/{name}")).url.path == waiting
    eve = await pages.shop.order(customer={"ref": "c2", "email": "eve@example.com"})
    stranger = await pages.customer_of(eve)
    for path in (link, f"{here}/receipt", f"{here}/receipt.pdf"):
        assert (await stranger.get(path)).status_code == 404, path


async def test_what_staff_keep_with_their_yes_is_told_as_their_decision_everywhere(
    pages: Pages,
) -> None:
    await pages.shop.policy("looked", rules=[{"keep": "10%"}], approval={})
    order = await pages.shop.order("looked")
    visitor, here = await cancelled(pages, order)
    await approve(pages, here, refund_minor=2_000)
    page = await until(visitor, here, "We mailed")
    receipt = await visitor.get(f"{here}/receipt")
    for told in (page.text, receipt.text):
        assert re.search(r"Kept by decision of our staff</\w+>.*-€34.00", told)
        assert "Cancellation fee" not in told
    assert "set by a member of staff" in receipt.text
    assert "The policy wants a person" not in receipt.text
    history = (await visitor.get(f"{ROOT}/history")).text
    assert "€20.00</bdi> back" in history
    for news in ("approved", "cancelled"):
        mail = _mail(pages, order, f"is {news}")
        assert "Kept by decision of our staff: €34.00" in mail
        assert "Cancellation fee" not in mail


async def test_what_staff_decided_not_to_pay_is_not_among_what_comes_back(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor, here = await cancelled(pages, order)
    await until(visitor, here, "It is there.")
    async with pages.shop.context.sessions.begin() as session:
        waived = update(RefundRow).values(state=RefundState.WAIVED)
        await session.execute(waived.where(RefundRow.cancellation_id == _id(here)))
    for path in (here, f"{here}/receipt"):
        page = (await visitor.get(path)).text
        assert re.search(r"Not paid out</\w+>.*-€54.00", page), path
        assert re.search(r"You get back</\w+>.*€0.00", page), path
    assert "It is there." not in (await visitor.get(here)).text
    for path in ("/history", f"/orders/{order.id}"):
        page = (await visitor.get(f"{ROOT}{path}")).text
        assert "</bdi> back" not in page.replace("€0.00</bdi> back", "")


def _id(here: str) -> UUID:
    return UUID(here.rpartition("/")[2])


def _mail(pages: Pages, order: SubjectRef, news: str) -> str:
    told = [(mail["Subject"], mail) for mail in pages.mails.messages]
    (mail,) = [mail for subject, mail in told if order.id in subject and news in subject]
    body = mail.get_body(("plain",))
    assert body
    return str(body.get_content())


def _note(page: httpx.Response) -> str:
    return str(re.findall(rf'href="({ROOT}/credit-notes/[\w-]+\.pdf)"', page.text)[0])
