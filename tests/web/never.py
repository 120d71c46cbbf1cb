"""What no page for customers ever does: tricks that keep people from what they came for."""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

_SHAMING = re.compile(
    r"\bno,? (thanks|i\b|keep)|never ?mind|are you sure|we('|’)ll miss you"
    r"|don('|’)t (go|leave)|before you go|last chance|hurry|only \d+ (left|minutes)|sorry to see",
    re.IGNORECASE,
)
_BARE = {"cancel", "yes", "no", "ok", "submit", "continue", "confirm"}
_RUN_BY_TIME = ("data-countdown", "data-deadline", "data-seconds")
_KEEPING = re.compile(r"^Keep ")


def tricks(page: Element) -> Iterator[str]:
    """All that is wrong with a page, in words."""
    for each in page.iter():
        yield from _hinders(each)
        yield from _runs_inline(each)
    said = " ".join(" ".join(page.itertext()).split())
    if found := _SHAMING.search(said):
        yield f"shames or presses: {found.group()}"
    for button in _buttons(page):
        if words_of(button).casefold() in _BARE:
            yield f"a button that doesn't name its act: {words_of(button)}"
    yield from _weaker_than_keeping(page)


def words_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _hinders(each: Element) -> Iterator[str]:
    if each.get("disabled") is not None or each.get("aria-disabled") == "true":
        yield f"a control that is off: {words_of(each)}"
    is_ticked = each.get("checked") is not None
    if is_ticked and each.get("name") == "method" and each.get("value"):
        yield f"a form of refund chosen beforehand: {each.get('value')}"
    if is_ticked and each.get("name") in ("reason", "fee"):
        yield f"{each.get('name')} is ticked beforehand"
    if any(each.get(name) is not None for name in _RUN_BY_TIME) or each.tag == "dialog":
        yield f"a countdown or a box that opens by itself: {each.tag}"


def _runs_inline(each: Element) -> Iterator[str]:
    if each.get("style") is not None or each.tag == "style":
        yield "style inside the page"
    if each.tag == "script" and (not each.get("src") or "".join(each.itertext()).strip()):
        yield "script inside the page"
    if any(name.startswith("on") for name in each.keys()):  # noqa: SIM118 - an Element isn't a dict
        yield f"script in an attribute of {each.tag}"
    fetched = each.get("src") or (each.get("href") if each.tag == "link" else None) or ""
    if re.match(r"(https?:)?//", fetched):
        yield f"something of elsewhere: {fetched}"


def _buttons(page: Element) -> Iterator[Element]:
    for each in page.iter():
        if each.tag == "button" or (each.tag == "a" and "button" in _classes(each)):
            yield each


def _weaker_than_keeping(page: Element) -> Iterator[str]:
    """Beside a button to keep all stands one that acts, first and no weaker."""
    for row in page.iter("div"):
        if "actions" not in _classes(row):
            continue
        ways = list(_buttons(row))
        keeping = [way for way in ways if _KEEPING.match(words_of(way))]
        if any("primary" in _classes(way) for way in keeping):
            yield "the way to keep it is the loudest"
        if keeping and ("primary" not in _classes(ways[0]) or ways[0] in keeping):
            yield "the way to cancel is not the first and loudest"


def _classes(element: Element) -> list[str]:
    return element.get("class", "").split()
