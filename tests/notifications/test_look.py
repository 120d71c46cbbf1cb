"""Mails look as the merchant's pages do, and ask nothing of anybody's server."""

import re

import pytest

from domain.subjects import Kind
from notifications.examples import LOOK, example, examples
from notifications.look import Look
from notifications.news import Audience, News, Template
from notifications.render import render

_ALL = [news for news in examples() if news.language in ("en", "ar")]
_NAMES = [f"{news.template}-{news.audience}-{news.subject.kind}-{news.language}" for news in _ALL]


def _html(look: Look = LOOK, language: str = "en") -> str:
    return render(example(Template.CANCELLED, Audience.CUSTOMER, language, Kind.ORDER), look).html


@pytest.mark.parametrize("news", _ALL, ids=_NAMES)
def test_a_mail_has_one_heading_one_button_and_says_why_it_comes(news: News) -> None:
    rendered = render(news, LOOK)
    assert rendered.html.count("<h1") == rendered.html.count('class="button"') == 1
    assert "Example shop" in rendered.text
    assert "mailto:desk@shop.example" in rendered.html
    has_preferences = "https://shop.example/my/preferences" in rendered.html
    assert has_preferences is (news.audience is Audience.CUSTOMER)


@pytest.mark.parametrize("news", _ALL, ids=_NAMES)
def test_both_parts_hold_the_same_links_and_the_text_has_each_on_its_own_line(news: News) -> None:
    rendered = render(news, LOOK)
    linked = {link.removeprefix("mailto:") for link in re.findall(r'href="([^"]+)"', rendered.html)}
    assert linked <= set(rendered.text.splitlines())


def test_every_amount_keeps_its_own_direction() -> None:
    html = _html(language="ar")
    amounts = re.findall(r"[\d.,]+\xa0€", html)
    assert len(amounts) > 10
    isolated = re.findall(r"<bdi>[^<]*€[^<]*</bdi>", html)
    assert len(isolated) == len(amounts)
    assert "<bdi>1042</bdi>" in html


def test_the_subject_line_is_free_of_marks() -> None:
    rendered = render(example(Template.CANCELLED, Audience.CUSTOMER, "en", Kind.ORDER), LOOK)
    assert rendered.header == "Part of your order 1042 is cancelled"
    assert "<title>Part of your order 1042 is cancelled</title>" in rendered.html
    assert not re.search("[\ue000-\uf8ff]", rendered.html + rendered.text)


def test_a_brand_too_pale_for_white_is_darkened_and_lightened_for_dark() -> None:
    look = Look(colour="#ffe100")
    html = _html(look)
    assert f"background:{look.light.colour};color:{look.light.ink}" in html
    assert f"background: {look.dark.colour} !important; color: {look.dark.ink}" in html
    assert look.light.colour != "#ffe100"


def test_a_logo_is_shown_from_https_only_and_named_else() -> None:
    secure = _html(Look(name="Example shop", logo="https://shop.example/logo.svg"))
    assert '<img src="https://shop.example/logo.svg" alt="Example shop"' in secure
    assert "<img" not in _html(Look(logo="http://127.0.0.1:8080/logo.svg"))


@pytest.mark.parametrize(("corners", "radius"), [("none", "0"), ("some", "10px"), ("full", "20px")])
def test_corners_are_those_of_the_pages(corners: str, radius: str) -> None:
    assert f"border-radius:{radius}" in _html(Look(corners=corners))


def test_an_inbox_shows_the_amount_beside_the_subject() -> None:
    hidden = re.search(r'<div style="display:none[^>]*>(.*?)</div>', _html(), re.DOTALL)
    assert hidden is not None
    assert hidden[1] == "Amount that goes back: <bdi>€37.50</bdi>"


def test_what_a_merchant_wrote_is_escaped() -> None:
    assert "<script" not in _html(Look(name="<script>", footer=(("<script>", "https://x/"),)))
