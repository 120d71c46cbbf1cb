"""Looking over what was chosen: fees that have to be known, requests, and what can't be undone."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from uuid import UUID

import pytest
from sqlalchemy import text, update

from activities.evidence import Evidence
from domain.contracts import Batch
from domain.decisions import Decision, Outcome
from domain.requests import Right
from domain.subjects import Kind
from storage.quotes import NOTES_KEPT, QuoteRow
from tests.web.conftest import Pages
from tests.web.portal.steps import appointment, chosen, confirmed, page_of, text_of
from tests.web.portal.test_flow import fields
from web.portal.cancelling.quoted import is_fee_due
from web.shared.paths import ROOT


@pytest.mark.parametrize("kind", list(Kind))
async def test_a_fee_has_to_be_known_before_anything_is_cancelled(pages: Pages, kind: Kind) -> None:
    await pages.shop.policy("tenth", rules=[{"keep": "10%"}])
    is_order = kind is Kind.ORDER
    subject = await (pages.shop.order("tenth") if is_order else appointment(pages, "tenth"))
    visitor = await pages.customer_of(subject)
    looked = await chosen(visitor, subject)
    fee = "€5.40" if is_order else "€4.00"
    assert f"I know that a fee of <bdi>{fee}</bdi> is kept." in looked.text
    assert " disabled" not in looked.text
    missed = await confirmed(visitor, subject, looked)
    assert (missed.status_code, '<a href="#fee-known">' in missed.text) == (422, True)
    assert missed.history[0].status_code == 303
    assert _quote(missed.text) == _quote(looked.text)
    other = await confirmed(visitor, subject, missed, fee="1")
    assert other.status_code == 422
    done = await confirmed(visitor, subject, missed, fee="540" if is_order else "400")
    assert done.url.path.startswith(f"{ROOT}/cancellations/"), done.text


async def test_where_nothing_is_kept_there_is_nothing_to_tick(pages: Pages) -> None:
    order = await pages.shop.order()
    looked = await chosen(await pages.customer_of(order), order)
    assert 'type="checkbox"' not in looked.text


def test_what_goes_by_law_needs_no_tick() -> None:
    decision = Decision(outcome=Outcome.ALLOWED, rule="rules", currency="EUR", fee_minor=540)
    assert is_fee_due(decision)
    assert not is_fee_due(decision.model_copy(update={"right": Right.LAW}))


async def test_a_request_is_called_one_from_the_heading_to_the_button(pages: Pages) -> None:
    order = await pages.shop.order("asks")
    visitor = await pages.customer_of(order)
    choosing = await visitor.get(f"{page_of(order)}/cancel")
    looked = await chosen(visitor, order)
    assert "<h1>What do you ask to cancel?</h1>" in choosing.text
    assert "<h1>Review the request</h1>" in looked.text
    assert re.search(r'<button class="primary">\s*Send the request', looked.text)
    for page in (choosing, looked):
        assert "This is a request: a person looks at it first." in page.text
        assert "You have the answer by" in page.text
        assert "Without an answer by then it counts as declined." in page.text


async def test_how_long_it_can_be_undone_is_said_before(pages: Pages) -> None:
    await pages.shop.policy("undo", undo="30m")
    within = await pages.shop.order("undo")
    never = await pages.shop.order()
    visitor = await pages.customer_of(within)
    assert "You can take it back until" in (await chosen(visitor, within)).text
    assert "It is done at once and can't be taken back." in text_of(await chosen(visitor, never))


async def test_what_became_impossible_meanwhile_is_refused_and_not_offered_again(
    pages: Pages,
) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    looked = await chosen(visitor, order)
    await pages.shop.change(order, stage="packed")
    refused = await confirmed(visitor, order, looked)
    assert refused.status_code == 409
    assert "Nothing was cancelled." in refused.text
    assert "The order has gone too far to be cancelled." in refused.text
    assert "<button" not in refused.text.partition("<main")[2]


async def test_shipping_is_no_item(pages: Pages) -> None:
    lines = [
        {"id": "1", "sku": "mug", "quantity": 2, "unit_price_minor": 1_500},
        {"id": "2", "kind": "shipping", "unit_price_minor": 2_400},
    ]
    order = await pages.shop.order(lines=lines)
    looked = await chosen(await pages.customer_of(order), order)
    assert "Cancel 2 items – <bdi>€54.00</bdi> back" in looked.text


async def test_how_much_goes_where_and_when_is_told_line_by_line(pages: Pages) -> None:
    await pages.shop.policy(
        "worded",
        rules=[{"when": {"since.placed": {"over": "1h"}}, "keep": "10%"}, {"keep": "nothing"}],
        forms=[{"timing": "business_days_5_7"}],
        wording="Free within the hour.",
    )
    order = await pages.shop.order("worded")
    looked = await chosen(await pages.customer_of(order), order)
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', looked.text)
    amounts = [re.sub("<[^>]*>", "", amount) for _, amount in rows]
    assert amounts == ["€30.00", "€24.00", "-€5.40", "€48.60"]
    assert "Within 5 to 7 business days" in looked.text
    how = looked.text.partition("How we worked this out")[2]
    assert "fee" in how.partition("</details>")[0]
    assert "Free within the hour." in how


def _quote(page: str) -> str:
    (quote,) = re.findall(r'name="quote" value="([^"]*)"', page)
    return str(quote)


async def test_words_of_ones_own_stay_with_the_quote_and_out_of_addresses(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    looked = await chosen(visitor, order, line=["2"], reason="other", note="Moving to Bonn")
    assert (looked.url.path, looked.history[0].status_code) == (f"{page_of(order)}/review", 303)
    assert "Bonn" not in str(looked.url)
    assert '<blockquote dir="auto">Moving to Bonn</blockquote>' in looked.text
    choice = unescape(re.findall(r'href="([^"]*/cancel[^"]*)"', looked.text)[0])
    again = await visitor.get(choice)
    assert (fields(again)["line"], ">Moving to Bonn</textarea>" in again.text) == (["2"], True)
    done = await confirmed(visitor, order, looked)
    back = await visitor.get(looked.url)
    assert (back.url, "Moving to Bonn" in done.text) == (done.url, True)
    async with pages.shop.context.sessions() as session:
        assert (await session.scalars(text("SELECT note FROM requests"))).all() == [
            "Moving to Bonn"
        ]


async def test_a_note_goes_some_time_after_its_quote(pages: Pages) -> None:
    sessions, now = pages.shop.context.sessions, datetime.now(UTC)
    visitor = await pages.customer_of(await pages.shop.order())
    for expired in (NOTES_KEPT + timedelta(minutes=1), NOTES_KEPT - timedelta(minutes=1)):
        looked = await chosen(visitor, await pages.shop.order(), reason="other", note="A word")
        async with sessions.begin() as session:
            this = update(QuoteRow).where(QuoteRow.id == UUID(_quote(looked.text)))
            await session.execute(this.values(expires_at=now - expired))
    await Evidence(sessions, timedelta(days=90)).forget_evidence(Batch(at=now))
    async with sessions() as session:
        kept = await session.execute(text("SELECT note FROM quotes ORDER BY expires_at"))
        assert kept.scalars().all() == [None, "A word"]


async def test_amounts_are_worked_out_again_without_a_word_in_the_address(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    again = await chosen(visitor, order, line=["2"], reason="other", note="Moving", again="1")
    assert (again.url.path, again.history[0].status_code) == (f"{page_of(order)}/cancel", 303)
    assert "Moving" not in str(again.url)
    assert fields(again)["line"] == ["2"]
    assert ">Moving</textarea>" in again.text
    assert "€24.00" in again.text


async def test_what_changed_meanwhile_is_shown_at_an_address_with_the_same_words(
    pages: Pages,
) -> None:
    await pages.shop.policy("tenth", rules=[{"keep": "10%"}])
    order = await pages.shop.order("tenth")
    visitor = await pages.customer_of(order)
    looked = await chosen(visitor, order, reason="other", note="Moving")
    await pages.shop.change(order, stage="packed")
    again = await confirmed(visitor, order, looked, fee="540")
    assert again.history[0].status_code == 303
    assert "Something changed while you were looking. Nothing was cancelled." in again.text
    assert ">Moving</blockquote>" in again.text
    assert _quote(again.text) != _quote(looked.text)
    done = await confirmed(visitor, order, again, fee="540")
    assert done.url.path.startswith(f"{ROOT}/cancellations/")


@pytest.mark.parametrize("policy", ["shop", "undo"])
async def test_of_two_tabs_with_other_parts_the_slower_one_is_told(
    pages: Pages, policy: str
) -> None:
    """Both at once, for real. Where the first is over in no time, what is left may go as well."""
    await pages.shop.policy("undo", undo="30m")
    order = await pages.shop.order(policy)
    one, two = await pages.customer_of(order), await pages.customer_of(order)
    looked = [await chosen(one, order, line=["1"]), await chosen(two, order, line=["2"])]
    done = await asyncio.gather(
        *(confirmed(who, order, page) for who, page in zip((one, two), looked, strict=True))
    )
    first, second = sorted(done, key=lambda page: page.url.path.endswith("/review"))
    assert first.url.path.startswith(f"{ROOT}/cancellations/")
    assert second.url.path == f"{page_of(order)}/review"
    assert second.status_code == 409 or policy == "shop"
    told = text_of(second)
    assert "Another cancellation was sent first" in told
    assert "was not sent, and nothing was done twice" in told
    assert f'href="{first.url.path}"' in told
    again = await (two if second is done[1] else one).get(second.url)
    assert again.status_code == second.status_code


async def test_of_two_tabs_with_the_same_both_lead_to_it(pages: Pages) -> None:
    await pages.shop.policy("undo", undo="30m")
    order = await pages.shop.order("undo")
    visitor = await pages.customer_of(order)
    looked = [await chosen(visitor, order) for _ in range(2)]
    done = await asyncio.gather(*(confirmed(visitor, order, page) for page in looked))
    back = [await visitor.get(page.url) for page in looked]
    assert len({page.url for page in (*done, *back)}) == 1
