"""Withdrawing from a contract by law: the labels, the two steps, the receipt, and no hurdles."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from activities.evidence import Evidence
from domain.contracts import Batch
from domain.subjects import SubjectRef
from storage import withdrawal_letters
from tests.web.conftest import Pages
from tests.web.portal.test_flow import fields
from web.portal.visit import SESSION
from web.portal.withdrawal_labels import LABELS
from web.shared.languages import LANGUAGES
from web.shared.paths import ROOT

LAW = [
    {"when": {"since.delivered": {"over": "14d"}}, "refuse": "window_over"},
    {"when": {"line.sku": "plate"}, "refuse": "right_excluded"},
    {"when": {"stage": ["open", "in_progress", "finished"]}, "keep": "nothing"},
]
NOBODY = {"number": "o-none", "name": "Eve", "email": "eve@example.com"}


def test_the_labels_are_these_and_no_others() -> None:
    assert {language: each[:2] for language, each in LABELS.items()} == {
        "en": ("Withdraw from contract here", "Confirm withdrawal"),
        "de": ("Vertrag widerrufen", "Widerruf bestätigen"),
        "fr": ("Se rétracter du contrat ici", "Confirmer la rétractation"),
        "es": ("Desistir del contrato aquí", "Confirmar el desistimiento"),
        "pt-BR": ("Desistir do contrato aqui", "Confirmar a desistência"),
        "ar": ("العدول عن العقد هنا", "تأكيد العدول"),
    }
    assert set(LANGUAGES) <= set(LABELS)


async def test_the_law_lets_go_what_the_contract_would_not(pages: Pages) -> None:
    order = await _bought(pages)
    visitor = await pages.customer_of(order)
    detail = await visitor.get(f"{ROOT}/orders/{order.id}")
    assert "Withdraw from contract here" in detail.text
    stated = await visitor.get(f"{ROOT}/orders/{order.id}/withdraw")
    assert 'value="ada@example.com"' in stated.text
    assert "plate" not in stated.text
    looked = await visitor.post(f"{ROOT}/orders/{order.id}/withdraw", data=fields(stated))
    assert re.findall(r'<button class="primary">(.*?)</button>', looked.text) == [
        "Confirm withdrawal"
    ]
    assert "€30.00" in looked.text
    confirm = f"{ROOT}/orders/{order.id}/withdraw/confirm"
    done = await visitor.post(confirm, data=fields(looked))
    again = await visitor.post(confirm, data=fields(looked))
    assert done.url == again.url
    seen = await visitor.get(re.findall(rf'href="({ROOT}/cancellations/[^"]*)"', done.text)[0])
    assert seen.status_code == 200
    rows = await _all(pages, "SELECT body ->> 'right' FROM requests")
    assert rows == [("law",)]


async def test_what_was_paid_for_sending_goes_back_with_the_last_of_the_goods(pages: Pages) -> None:
    lines = [
        {"id": "1", "title": "Bowl", "unit_price_minor": 3_000},
        {"id": "2", "kind": "shipping", "title": "Sending", "unit_price_minor": 490},
    ]
    card = {"method": "card", "payment_ref": "pay_law", "captured_minor": 3_490}
    order = await _bought(pages, lines=lines, tenders=[card])
    visitor = await pages.customer_of(order)
    stated = await visitor.get(f"{ROOT}/orders/{order.id}/withdraw")
    assert re.findall(r'type="checkbox" id="line-(\w+)"', stated.text) == ["1"]
    assert "Sending" in stated.text
    assert "€34.90" in stated.text


async def test_the_receipt_is_mailed_and_downloaded_as_it_is_kept(pages: Pages) -> None:
    order = await _bought(pages)
    before = datetime.now(UTC).replace(microsecond=0)
    done = await _declare(pages, _guest(order) | {"email": "ADA@example.com"})
    assert "We are cancelling what you withdrew from" in done.text
    downloaded = await pages.visitor().get(f"{done.url.path}/receipt")
    assert downloaded.headers["content-disposition"].startswith("attachment")
    (mail,) = [one for one in pages.mails.messages if "withdrawal" in one["Message-ID"]]
    (attached,) = mail.iter_attachments()
    ((kept, received_at),) = await _all(pages, "SELECT receipt, received_at FROM withdrawals")
    assert attached.get_payload(decode=True) == downloaded.content == kept
    told = downloaded.content.decode()
    assert all(each in told for each in (order.id, "Ada &lt;3", "ADA@example.com", "All of it"))
    assert before <= received_at
    assert f"{received_at:%H:%M:%S}" in told
    assert "Coordinated Universal Time (UTC, UTC+00:00)" in told
    assert order.id in _plain(mail)


async def test_a_declaration_is_never_changed(pages: Pages) -> None:
    await _declare(pages, NOBODY)
    for change in ("UPDATE withdrawals SET name = 'x'", "DELETE FROM withdrawals"):
        with pytest.raises(DBAPIError, match="never changed"):
            await _all(pages, change)


async def test_what_fits_no_order_is_taken_and_put_before_a_person(pages: Pages) -> None:
    order = await _bought(pages)
    for told in (NOBODY, _guest(order) | {"part": "only the blue mug"}):
        done = await _declare(pages, told)
        assert "A person looks at it" in done.text
        to_customer, to_business = pages.mails.messages[-2:]
        assert to_customer["To"].addresses[0].addr_spec == told["email"]
        assert to_business["To"].addresses[0].addr_spec == "desk@example.com"
        assert to_business["Subject"] == f"Ein Widerruf wartet auf Sie: {told['number']}"
        assert told["number"] in _plain(to_business)
    assert await _all(pages, "SELECT id FROM requests") == []


async def test_a_request_that_waits_doesnt_keep_a_declaration_out(pages: Pages) -> None:
    order = await _bought(pages)
    visitor = await pages.customer_of(order)
    here = f"{ROOT}/orders/{order.id}/exception"
    asking = await visitor.get(here, params={"chosen": "1", "line": "2"})
    waits = await visitor.post(here, data=fields(asking) | {"note": "Please"})
    assert "Nothing is cancelled yet" in waits.text
    assert LABELS["en"].entry in (await visitor.get(f"{ROOT}/orders/{order.id}")).text
    done = await _declare(pages, _guest(order))
    assert "A person looks at it" in done.text
    assert await _all(pages, "SELECT number FROM withdrawals") == [(order.id,)]


async def test_a_receipt_that_no_server_took_is_sent_later_and_once(pages: Pages) -> None:
    pages.mails.reply = "451 later"
    done = await _declare(pages, NOBODY)
    pages.mails.reply = None
    assert "on its way" in (await pages.visitor().get(done.url.path)).text
    sessions, later = pages.shop.context.sessions, datetime.now(UTC) + timedelta(minutes=6)
    send = (withdrawal_letters.send_due(sessions, pages.portal.post, later) for _ in range(2))
    assert sum(await asyncio.gather(*send)) == len(pages.mails.messages) == 2
    assert "was mailed to eve@example.com" in (await pages.visitor().get(done.url.path)).text


async def test_nothing_but_name_contract_and_address_is_compulsory(pages: Pages) -> None:
    visitor = pages.visitor()
    empty = await visitor.post(f"{ROOT}/withdraw", data={"number": "", "name": "", "email": "x"})
    assert empty.status_code == 422
    assert re.findall(r'<li><a href="#(\w+)">', empty.text) == ["number", "name", "email"]
    form = (await visitor.get(f"{ROOT}/withdraw")).text.partition("<main")[2]
    assert len(re.findall(r" required", form)) == 3


async def test_an_address_that_reaches_nobody_is_a_fault(pages: Pages) -> None:
    for email in ("ada@example", "ada@localhost.", "@example.com", "ada"):
        sent = await pages.visitor().post(f"{ROOT}/withdraw", data=NOBODY | {"email": email})
        assert (sent.status_code, '<a href="#email">' in sent.text) == (422, True), email
        assert f'value="{email}"' in sent.text


async def test_who_is_signed_in_is_not_told_that_they_need_not_be(pages: Pages) -> None:
    signed_in = await pages.customer_of(await pages.shop.order())
    for visitor, is_said in ((signed_in, False), (pages.visitor(), True)):
        page = await visitor.get(f"{ROOT}/withdraw")
        assert ("You need not sign in." in page.text) is is_said


async def test_what_fits_no_order_is_promised_no_more_than_a_look(pages: Pages) -> None:
    done = await _declare(pages, NOBODY)
    told = re.sub("<[^>]*>", "", done.text)
    assert "If you may withdraw, the time above is what counts." in told
    assert "14 days" not in told


async def test_in_german_a_withdrawal_is_one_in_each_step(pages: Pages) -> None:
    order = await _bought(pages)
    visitor = await pages.customer_of(order, **{"accept-language": "de"})
    here = f"{ROOT}/orders/{order.id}/withdraw"
    stated = await visitor.get(here)
    looked = await visitor.post(here, data=fields(stated))
    done = await visitor.post(f"{here}/confirm", data=fields(looked))
    for page in (stated, looked, done):
        main = page.text.partition("<main")[2].partition("</main>")[0]
        assert "iderr" in main
        assert "torn" not in main


async def test_the_second_step_has_an_address_that_leads_to_the_receipt_afterwards(
    pages: Pages,
) -> None:
    order = await _bought(pages)
    visitor = await _guest_of(pages)
    looked = await visitor.post(f"{ROOT}/withdraw", data=_guest(order))
    assert (looked.history[0].status_code, looked.url.path) == (303, f"{ROOT}/withdraw/confirm")
    assert not any(each in str(looked.url) for each in (order.id, "Ada", "example.com"))
    assert "Ada &lt;3" in (await visitor.get(looked.url)).text
    change = re.findall(rf'href="({ROOT}/withdraw\?draft=[^"]*)"', looked.text)[0]
    assert 'value="Ada &lt;3"' in (await visitor.get(change)).text
    done = await visitor.post(f"{ROOT}/withdraw/confirm", data=fields(looked))
    back = await visitor.get(looked.url)
    again = await visitor.post(f"{ROOT}/withdraw/confirm", data=fields(looked))
    assert done.url == back.url == again.url
    assert len(await _all(pages, "SELECT id FROM withdrawals")) == 1
    assert await _all(pages, "SELECT id FROM withdrawal_drafts") == []


async def test_a_draft_is_read_by_its_own_browser_alone_and_not_for_long(pages: Pages) -> None:
    visitor, other = await _guest_of(pages), await _guest_of(pages)
    looked = await visitor.post(f"{ROOT}/withdraw", data=NOBODY)
    for stranger in (other, pages.visitor()):
        for address in (looked.url, looked.url.copy_with(path=f"{ROOT}/withdraw")):
            assert "Eve" not in (await stranger.get(address)).text
    gone = await other.get(looked.url)
    assert (gone.status_code, "kept any longer" in gone.text) == (410, True)
    cookie = next(one for one in visitor.cookies.jar if one.name == "declaring")
    assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly")) == (f"{ROOT}/withdraw", True)
    await _all(pages, "UPDATE withdrawal_drafts SET expires_at = now() RETURNING 1")
    assert (await visitor.get(looked.url)).status_code == 410
    await visitor.post(f"{ROOT}/withdraw", data=NOBODY | {"name": "Mia"})
    forgetting = Evidence(pages.shop.context.sessions, timedelta(days=90))
    await forgetting.forget_evidence(Batch(at=datetime.now(UTC)))
    kept = await _all(pages, "SELECT document ->> 'name' FROM withdrawal_drafts")
    assert kept == [("Mia",)]


async def test_a_draft_of_ones_own_outlasts_the_session_and_is_nobody_elses(pages: Pages) -> None:
    order = await _bought(pages)
    here, visitor = f"{ROOT}/orders/{order.id}/withdraw", await pages.customer_of(order)
    told = {"line": ["1"], "quantity.1": ["1"], "name": ["Ada Sommer"]}
    looked = await visitor.post(here, data=fields(await visitor.get(here)) | told)
    assert (looked.history[0].status_code, looked.url.path) == (303, f"{here}/confirm")
    visitor.cookies.delete(pages.portal.cookie(SESSION))
    ended = await visitor.post(f"{here}/confirm", data=fields(looked))
    then = fields(ended)["then"][0]
    assert (ended.status_code, f"{ROOT}{then}") == (401, looked.url.raw_path.decode())
    back = await visitor.get(await pages.link(order), params={"then": then})
    assert (back.url, "Ada Sommer" in back.text) == (looked.url, True)
    eve = await pages.shop.order(customer={"ref": "c2", "name": "Eve", "email": "eve@example.com"})
    assert (await (await pages.customer_of(eve)).get(looked.url)).status_code == 404
    done = await visitor.post(f"{here}/confirm", data=fields(back))
    assert done.url.path.startswith(f"{ROOT}/withdrawals/")
    assert (await visitor.get(looked.url)).url == done.url
    assert await _all(pages, "SELECT id FROM withdrawal_drafts") == []


async def test_amounts_of_a_withdrawal_are_worked_out_again_at_an_address(pages: Pages) -> None:
    order = await _bought(pages)
    here, visitor = f"{ROOT}/orders/{order.id}/withdraw", await pages.customer_of(order)
    told = {"line": ["1"], "quantity.1": ["1"], "name": [""], "again": ["1"]}
    again = await visitor.post(here, data=fields(await visitor.get(here)) | told)
    assert (again.history[0].status_code, again.url.path) == (303, here)
    assert fields(again)["quantity.1"] == ["1"]
    assert "€15.00" in again.text


async def test_a_quantity_that_cannot_be_is_no_declaration(pages: Pages) -> None:
    order = await _bought(pages)
    here, visitor = f"{ROOT}/orders/{order.id}/withdraw", await pages.customer_of(order)
    form = fields(await visitor.get(here)) | {"quantity.1": ["9"]}
    sent = await visitor.post(here, data=form)
    assert (sent.status_code, '<a href="#quantity-1">' in sent.text) == (422, True)
    assert fields(sent)["quantity.1"] == ["9"]
    quiet = await visitor.get(
        here, params=form | {"form_token": ""}, headers={"HX-Request": "true"}
    )
    assert (quiet.status_code, "choose a number from 1 to 2" in quiet.text) == (200, True)


async def test_a_declaration_made_up_elsewhere_is_refused(pages: Pages) -> None:
    visitor = pages.visitor()
    looked = await visitor.post(f"{ROOT}/withdraw", data=NOBODY)
    forged = fields(looked) | {"statement": [str(UUID(int=1))]}
    assert (await visitor.post(f"{ROOT}/withdraw/confirm", data=forged)).status_code == 403
    cross = {"sec-fetch-site": "cross-site"}
    answer = await visitor.post(f"{ROOT}/withdraw/confirm", data=fields(looked), headers=cross)
    assert answer.status_code == 403
    assert await _all(pages, "SELECT id FROM withdrawals") == []


async def test_where_no_law_holds_there_is_no_way_in(pages: Pages) -> None:
    order = await pages.shop.order()
    late = await _bought(pages, days=20)
    for one in (order, late):
        visitor = await pages.customer_of(one)
        assert LABELS["en"].entry not in (await visitor.get(f"{ROOT}/orders/{one.id}")).text
        here = await visitor.get(f"{ROOT}/orders/{one.id}/withdraw")
        assert here.url.path == f"{ROOT}/orders/{one.id}"


async def _bought(pages: Pages, days: int = 2, **told: Any) -> SubjectRef:
    """Delivered goods that the shop wouldn't take back."""
    await pages.shop.policy("law", rules=LAW)
    await pages.shop.policy("careful", laws=["law"], rules=[{"refuse": "no_returns"}])
    delivered = (datetime.now(UTC) - timedelta(days=days)).isoformat()
    return await pages.shop.order("careful", stage="delivered", delivered_at=delivered, **told)


def _guest(order: SubjectRef) -> dict[str, str]:
    return {"number": order.id, "name": "Ada <3", "email": "ada@example.com"}


async def _guest_of(pages: Pages) -> httpx.AsyncClient:
    """Somebody who came by the form, so that their browser has its secret."""
    visitor = pages.visitor()
    await visitor.get(f"{ROOT}/withdraw")
    return visitor


async def _declare(pages: Pages, told: dict[str, str]) -> httpx.Response:
    visitor = pages.visitor()
    looked = await visitor.post(f"{ROOT}/withdraw", data=told)
    return await visitor.post(f"{ROOT}/withdraw/confirm", data=fields(looked))


async def _all(pages: Pages, query: str) -> list[tuple[Any, ...]]:
    async with pages.shop.context.sessions.begin() as session:
        result = await session.execute(text(query))
        return [tuple(row) for row in result]


def _plain(mail: EmailMessage) -> str:
    body = mail.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
