"""Cancelling is as short and as plain as it is promised to be."""

import re
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import httpx
import pytest

import web
from tests.web.browser.markup import parse
from tests.web.conftest import Pages
from tests.web.never import tricks, words_of
from tests.web.portal.steps import appointment
from tests.web.portal.test_flow import fields
from web.portal.withdrawal_labels import LABELS
from web.shared import texts
from web.shared.paths import ROOT

FOLDER = Path(web.__file__).parent
LETTERS = {"letter.html", "receipt.html", "cancellation_receipt.html"}
"""Mails and papers, which have to carry their own style."""

KEEP = '<a class="button" href="/a">Keep my order</a>'
CHOICE = [{"when": {"method": "store_credit"}, "form": "store_credit"}]
LAW = [{"when": {"stage": ["open", "in_progress", "finished"]}, "keep": "nothing"}]


def page(main: str) -> Element:
    head = '<!doctype html><html lang="en"><head><title>x</title></head>'
    return parse(f"{head}<body><main>{main}</main></body></html>")


@pytest.mark.parametrize(
    "trick",
    [
        "<p>No, I want to pay more</p>",
        "<p>We’ll miss you!</p>",
        "<p>Hurry, only 3 left</p>",
        '<form><button disabled="">Look it over</button></form>',
        "<form><button>Cancel</button></form>",
        '<form><input type="radio" name="method" value="store_credit" checked=""></form>',
        '<form><input type="checkbox" name="fee" value="1" checked=""></form>',
        '<p style="color:grey">Cancel items</p>',
        "<script>go()</script>",
        '<p onclick="go()">x</p>',
        '<img src="https://cdn.example/x.png" alt="">',
        '<p data-countdown="60">x</p>',
        '<div class="actions"><a class="button primary" href="/a">Keep my order</a></div>',
        f'<div class="actions">{KEEP}<button class="primary">Cancel items</button></div>',
        f'<div class="actions"><button class="quiet">Cancel items</button>{KEEP}</div>',
    ],
)
def test_a_trick_is_seen(trick: str) -> None:
    assert list(tricks(page(trick)))


def test_what_is_plain_is_left_alone() -> None:
    plain = (
        '<div class="actions"><button class="primary">Cancel 2 items – €5.00 back</button>'
        '<a class="button" href="/a">Keep my order</a></div>'
        '<form><input type="radio" name="method" value="" checked=""></form>'
    )
    assert list(tricks(page(plain))) == []


@pytest.mark.parametrize("kind", ["order", "appointment"])
async def test_from_what_was_bought_to_done_in_three_pages_with_nothing_in_the_way(
    pages: Pages, kind: str
) -> None:
    terms: dict[str, Any] = {"rules": [{"keep": "10%"}], "forms": CHOICE}
    await pages.shop.policy("fair", **terms)
    bought = await (pages.shop.order("fair") if kind == "order" else appointment(pages, "fair"))
    visitor = await pages.customer_of(bought, **{"accept-language": "en"})
    start = await visitor.get(f"{ROOT}/{kind}s/{bought.id}")
    walked = [start, await visitor.get(_way_to_cancel(start))]
    assert 'name="method" value="store_credit"' in walked[-1].text
    walked.append(await visitor.post(walked[-1].url.path, data=fields(walked[-1])))
    told = re.findall(r"<td><strong>.*?</strong></td>", walked[-1].text)
    assert told
    assert told == re.findall(r"<td><strong>.*?</strong></td>", walked[-2].text)
    agreed = fields(walked[-1]) | {"fee": re.findall(r'name="fee" value="(\d+)"', walked[-1].text)}
    done = await visitor.post(f"{start.url.path}/confirm", data=agreed)
    assert done.url.path.startswith(f"{ROOT}/cancellations/"), words_of(parse(done.text))
    assert {each.url.path: list(tricks(parse(each.text))) for each in (*walked, done)} == {
        each.url.path: [] for each in (*walked, done)
    }
    assert len(walked) <= 3


async def test_the_right_by_law_has_its_own_words_and_no_more_to_fill_in(pages: Pages) -> None:
    await pages.shop.policy("law", rules=LAW)
    await pages.shop.policy("lawful", laws=["law"], rules=[{"refuse": "no_returns"}])
    order = await pages.shop.order("lawful", stage="delivered")
    visitor = await pages.customer_of(order, **{"accept-language": "en"})
    stated = await visitor.get(f"{ROOT}/orders/{order.id}/withdraw")
    looked = await visitor.post(f"{ROOT}/orders/{order.id}/withdraw", data=fields(stated))
    assert _entry(await visitor.get(f"{ROOT}/orders/{order.id}")) == LABELS["en"].entry
    assert _loudest(looked) == [LABELS["en"].confirm]
    for each in (stated, looked):
        assert list(tricks(parse(each.text))) == []
        assert 'name="reason"' not in each.text
    required = set(re.findall(r'name="(\w+)"[^>]*required', stated.text))
    assert required == {"name", "email"}


def test_templates_carry_no_style_or_script_of_their_own_and_fetch_nothing() -> None:
    wrong = []
    for file in FOLDER.rglob("templates/*.html"):
        text = file.read_text(encoding="utf-8")
        inside = r"\sstyle=|<style|\son\w+=\"|<script(?![^>]*\ssrc=)|\sdisabled\b|<dialog"
        if file.name not in LETTERS and re.search(inside, text):
            wrong.append(file.name)
        if re.search(r"(src|href|action)=\"(https?:)?//", text):
            wrong.append(file.name)
    assert wrong == []


def test_scripts_count_nothing_down() -> None:
    for file in FOLDER.rglob("static/*.js"):
        assert not re.search(r"setInterval|setTimeout|alert\(|confirm\(", file.read_text()), file


def test_no_sentence_shames_or_presses() -> None:
    said = [str(message.id) for message in texts.found() if message.id]
    assert len(said) > 150
    wrong = [text for text in said if list(tricks(page(f"<p>{text.replace('<', '&lt;')}</p>")))]
    assert wrong == []


def _way_to_cancel(shown: httpx.Response) -> str:
    """Where the loudest link of what was bought leads."""
    (path,) = re.findall(r'<a class="button primary" href="([^"]+)"', shown.text)
    return str(path)


def _loudest(shown: httpx.Response) -> list[str]:
    return re.findall(r'<button class="primary">([^<]*)</button>', shown.text)


def _entry(shown: httpx.Response) -> str:
    (label,) = re.findall(r'href="[^"]*/withdraw">([^<]*)</a>', shown.text)
    return str(label)
