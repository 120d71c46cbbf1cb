"""What is looked for on every page, in whatever language, scheme and width it is shown."""

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Page

TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_RUN = """tags => axe.run({runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]})"""

SMALLEST = 24
"""CSS pixels, each way, of what is to be hit (WCAG 2.2, 2.5.8)."""

_SMALL = """smallest => {
  const here = element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.right > 0;
  };
  const isInSentence = element => element.matches("p a, li a, dd a")
    && getComputedStyle(element).display === "inline";
  const target = element => {
    const label = element.labels && element.labels[0];
    const around = element.matches("[type=checkbox], [type=radio]") && label;
    return (around ? label : element).getBoundingClientRect();
  };
  return [...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(element => here(element) && !isInSentence(element))
    .filter(element => {
      const box = target(element);
      return Math.min(box.width, box.height) < smallest;
    })
    .map(element => element.outerHTML.slice(0, 120));
}"""

_ASTRAY = """() => [...document.querySelectorAll("body *")]
  .filter(element => !element.closest(".skip") && element.getClientRects().length)
  .filter(element => {
    const box = element.getBoundingClientRect();
    return box.width > 1 && (box.right > innerWidth + 1 || box.left < -1);
  })
  .map(element => element.outerHTML.slice(0, 120))"""

_CUT = """() => [...document.querySelectorAll("body *")]
  .filter(element => getComputedStyle(element).overflow !== "visible"
    && !element.matches("input, textarea, select") && element.clientWidth > 1
    && (element.scrollWidth > element.clientWidth + 1
      || element.scrollHeight > element.clientHeight + 1))
  .map(element => element.outerHTML.slice(0, 120))"""


async def accessibility(page: Page) -> list[str]:
    """What axe finds, one line a place."""
    if not await page.evaluate("typeof axe === 'object'"):
        await page.evaluate(AXE_SCRIPT)
    found = await page.evaluate(_RUN, list(TAGS))
    return list(_told(found))


def _told(found: dict[str, Any]) -> Iterator[str]:
    for violation in found["violations"]:
        for node in violation["nodes"]:
            checks = (*node["any"], *node["all"], *node["none"])
            why = "; ".join(check["message"] for check in checks)
            yield f"{violation['id']}: {node['html'][:160]} {why}"


async def small_targets(page: Page) -> list[str]:
    """What is too small to be hit. Links within a sentence may be."""
    found: list[str] = await page.evaluate(_SMALL, SMALLEST)
    return [f"small: {each}" for each in found]


async def sideways(page: Page) -> list[str]:
    """What makes the page scroll sideways, or lies beside it."""
    widths = await page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    found: list[str] = await page.evaluate(_ASTRAY)
    wide = [f"{widths[0]} px wide in {widths[1]}"] if widths[0] > widths[1] else []
    return [*wide, *(f"beside the page: {each}" for each in found)]


async def cut(page: Page) -> list[str]:
    """What doesn't fit where it stands, and is hidden or has to be scrolled. What is for ears
    alone takes a pixel."""
    found: list[str] = await page.evaluate(_CUT)
    return [f"cut: {each}" for each in found]


async def all_of(page: Page) -> list[str]:
    return [
        *await accessibility(page),
        *await small_targets(page),
        *await sideways(page),
        *await cut(page),
    ]
