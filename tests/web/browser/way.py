"""How somebody gets to a page: whose link they open first, where they go, what they fill in."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import httpx
from playwright.async_api import Locator, Response, expect

from domain.subjects import SubjectRef
from tests.web.browser.markup import fields_of, form_with, parse
from tests.web.browser.product import Product
from tests.web.browser.visitor import Visitor

Filled = Mapping[str, str | tuple[str, ...]]
"""By the name of a field: its text, or those of its boxes that are ticked."""


@dataclass(frozen=True)
class Way:
    """A page is at `path`, or is the answer to the form there whose action ends with `press`.

    `has` is a piece of its markup that no page has which one could get to by mistake.
    """

    path: str
    reader: SubjectRef | None = None
    has: str = ""
    status: int = 200
    fill: Filled = field(default_factory=dict)
    press: str = ""
    cookies: Mapping[str, str] = field(default_factory=dict)

    async def by_browser(self, visitor: Visitor) -> None:
        page, product = visitor.page, visitor.product
        for name, value in self.cookies.items():
            await page.context.add_cookies([{"name": name, "value": value, "url": product.origin}])
        if self.reader:
            await visitor.come_in(self.reader)
        answer = await page.goto(product.at(self.path))
        if self.press:
            answer = await self._send(page.locator(f'form[action$="{self.press}"]').first)
        assert answer
        assert (answer.status, self.has in await page.content()) == (self.status, True), page.url

    async def _send(self, form: Locator) -> Response:
        """As somebody whose browser leaves it to the server to find what is missing."""
        await form.evaluate("form => form.noValidate = true")
        for name, value in self.fill.items():
            await _fill(form.locator(f'[name="{name}"]'), value)
        async with form.page.expect_navigation() as navigation:
            await form.locator("button:not([formmethod], [formaction])").first.click()
        return await navigation.value

    async def by_http(
        self, product: Product, language: str = "en", then: str = ""
    ) -> httpx.Response:
        """The answer for a browser without a script; `then` sends a form of what it shows."""
        async with httpx.AsyncClient(
            base_url=product.origin,
            follow_redirects=True,
            headers={"accept-language": language},
            cookies=dict(self.cookies),
            timeout=60,
        ) as client:
            if self.reader:
                await client.get(await product.link(self.reader))
            answer = await client.get(product.at(self.path))
            if self.press:
                answer = await _post(client, answer, self.press, self.fill)
            if then:
                return await _post(client, answer, then, {})
        found = (answer.status_code, self.has in answer.text)
        assert found == (self.status, True), answer.url
        return answer


async def _post(
    client: httpx.AsyncClient, answer: httpx.Response, press: str, fill: Filled
) -> httpx.Response:
    form = form_with(parse(answer.text), press)
    sent = fields_of(form) | dict(fill)
    lists = {
        name: [value] if isinstance(value, str) else list(value) for name, value in sent.items()
    }
    return await client.post(form.attrib["action"], data=lists)


async def _fill(field: Locator, value: str | tuple[str, ...]) -> None:
    if not isinstance(value, str):
        await expect(field.first).to_be_attached()
        for box in await field.all():
            await box.set_checked(await box.get_attribute("value") in value, force=True)
    elif await field.get_attribute("type") == "hidden":
        await field.evaluate("(field, value) => field.value = value", value)
    else:
        await field.fill(value)
