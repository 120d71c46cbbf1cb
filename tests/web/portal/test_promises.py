"""What a card at home promises, its order's or appointment's own page says as well."""

import re
from html import unescape
from pathlib import Path

import httpx
from sqlalchemy import delete, select

from domain.subjects import SubjectRef
from runtime.seeds import business_at, seed
from storage import subjects
from storage.policies import PolicyRow, PolicyVersionRow
from storage.subjects import SubjectRow
from tests.web.conftest import Pages
from use_cases.customers import customer_of
from web.shared.paths import ROOT

PROMISES = {
    r"Free to cancel until (.+)": r"Free of charge until {0}.*",
    r"Free to cancel": r"It costs nothing\. .*",
    r"Can be cancelled for a fee until (.+)": r"For a fee of .* until {0}.*",
    r"Can be cancelled for a fee": r"You get .*; .* stay with us\.",
    r"A cancellation can be requested until (.+)": r"Only if a person agrees, .* until {0}.*",
    r"Can be cancelled in part": r"Not all of it at once: choose what to cancel\.",
}
"""What a card says, and how its page begins then."""


async def test_each_card_of_the_example_keeps_what_it_promises(
    pages: Pages, tmp_path: Path
) -> None:
    context = pages.shop.context
    async with context.sessions.begin() as session:
        for table in (PolicyVersionRow, PolicyRow):
            await session.execute(delete(table))
    await seed(context.sessions, tmp_path, context.clock())
    every = {one.subject for one in business_at(context.clock())}
    seen = set[SubjectRef]()
    while left := every - seen:
        visitor = await pages.customer_of(min(left, key=str))
        seen |= await _theirs(pages, min(left, key=str))
        for path, card in await _cards(visitor):
            _compare(path, card, await visitor.get(path))
    assert seen == every


async def test_what_can_go_in_part_alone_has_its_way_there_on_the_card(pages: Pages) -> None:
    dear = {"when": {"refund": {"over": "30.00 EUR"}}, "refuse": "too_many"}
    await pages.shop.policy("parts", checks=[dear])
    order = await pages.shop.order("parts")
    visitor = await pages.customer_of(order)
    ((path, card),) = await _cards(visitor)
    assert "Can be cancelled in part" in card
    assert f'href="{path}/cancel"' in card
    _compare(path, card, await visitor.get(path))


async def _theirs(pages: Pages, subject: SubjectRef) -> set[SubjectRef]:
    async with pages.shop.context.sessions() as session:
        customer = customer_of(await subjects.get(session, subject))
        rows = await session.scalars(select(SubjectRow).where(customer.owner.owns()))
        return {row.subject for row in rows}


async def _cards(visitor: httpx.AsyncClient) -> list[tuple[str, str]]:
    """The path of each card of all pages, with the card."""
    found, to = list[tuple[str, str]](), [f"{ROOT}/"]
    while to:
        page = (await visitor.get(to.pop())).text
        cards = page.split('<li class="card">')[1:]
        found += [(re.findall(rf'<h3><a href="({ROOT}/[^"]+)"', card)[0], card) for card in cards]
        to += re.findall(rf'href="({ROOT}/\?(?:after|ahead)=[^"]+)"', page)
    return found


def _compare(path: str, card: str, page: httpx.Response) -> None:
    assert page.status_code == 200
    link = re.findall(r'class="act" href="[^"]+">([^<]+)<', card)
    button = re.findall(r'class="button primary" href="[^"]+/cancel">\s*([^<]+?)\s*<', page.text)
    assert link == button, path
    said = [_text(told) for told in re.findall(r"<span[^>]*>(.*?)</span>", card)]
    promised = [
        (expected, match)
        for told in said
        for promise, expected in PROMISES.items()
        if (match := re.fullmatch(promise, told))
    ]
    assert len(promised) <= 1, path
    panel = page.text.partition('aria-labelledby="terms"')[2].partition("</section>")[0]
    begins = next(iter(re.findall(r'<p class="lead">(.*?)</p>', panel)), "")
    for expected, match in promised:
        pattern = expected.format(*(re.escape(group) for group in match.groups()))
        assert re.fullmatch(pattern, _text(begins)), (path, match.group(), _text(begins))
    if "Free of charge until" in begins and link:
        assert promised, path


def _text(html: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "", html)).strip()
