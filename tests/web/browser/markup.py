"""Pages read strictly: any fault a parser would have to mend is an error."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from xml.etree.ElementTree import Element

import html5lib

_FIELDS = ("input", "select", "textarea")
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_ABOUT_THE_READER = {"name": "name", "email": "email"}
_TICKED = ("checkbox", "radio")


def parse(text: str) -> Element:
    """The page's `html`. Raises html5lib's ParseError for what isn't written as it should be."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page: Element = parser.parse(text)
    return page


def form_with(page: Element, action: str) -> Element:
    """The form whose action ends so."""
    return next(form for form in page.iter("form") if form.get("action", "").endswith(action))


def fields_of(form: Element) -> dict[str, str | tuple[str, ...]]:
    """What a form sends as it stands, by its first button."""
    found: dict[str, list[str]] = {}
    for each in form.iter():
        is_off = each.get("type") in _TICKED and each.get("checked") is None
        if each.tag in _FIELDS and (name := each.get("name")) and not is_off:
            found.setdefault(name, []).append(_value(each))
    return {name: tuple(values) for name, values in found.items()}


def _value(field: Element) -> str:
    if field.tag == "textarea":
        return field.text or ""
    if field.tag == "select":
        options = list(field.iter("option"))
        chosen = [option for option in options if option.get("selected") is not None]
        return (chosen or options)[0].get("value", "")
    return field.get("value", "on" if field.get("type") in _TICKED else "")


def faults(page: Element, language: str, direction: str) -> Iterator[str]:
    """What every page has to have, and hasn't."""
    if (page.get("lang"), page.get("dir")) != (language, direction):
        yield f"its language is {page.get('lang')}, {page.get('dir')}"
    if (headings := len(list(page.iter("h1")))) != 1:
        yield f"it has {headings} first headings"
    if not (page.findtext("head/title") or "").partition(" · ")[0].strip():
        yield "its title says nothing of the page"
    ids = Counter(found for each in page.iter() if (found := each.get("id")))
    yield from (f"{id_} is there {count} times" for id_, count in ids.items() if count > 1)
    yield from _levels_left_out(page)
    yield from _nameless(page)
    yield from _not_filled_in(page)
    yield from _astray(page, set(ids))
    yield from _not_by_policy(page)


def _levels_left_out(page: Element) -> Iterator[str]:
    """Headings that lie more than one level below the one before."""
    levels = [int(each.tag[1]) for each in page.iter() if each.tag in _HEADINGS]
    for before, level in pairwise([0, *levels]):
        if level > before + 1:
            yield f"a heading of level {level} follows one of {before}"


def _not_filled_in(page: Element) -> Iterator[str]:
    """Fields about who reads that a browser doesn't know as such (WCAG 1.3.5)."""
    for each in page.iter("input"):
        purpose = _ABOUT_THE_READER.get(each.get("name", ""))
        if purpose and each.get("type") != "hidden" and each.get("autocomplete") != purpose:
            yield f"a browser can't fill in {each.get('name')}"


def _nameless(page: Element) -> Iterator[str]:
    """Fields without a label, buttons and links without a word."""
    labelled = {label.get("for") for label in page.iter("label")}
    within = {id(each) for label in page.iter("label") for each in label.iter()}
    for each in page.iter():
        is_field = each.tag in _FIELDS and each.get("type") not in ("hidden", "submit")
        if is_field and id(each) not in within and each.get("id") not in labelled:
            yield f"{each.get('name')} has no label"
        if each.tag in ("a", "button", "label", "legend", "th") and not _words(each):
            yield f"a {each.tag} says nothing"


def _words(element: Element) -> str:
    pictures = (each.get("alt", "") for each in element.iter("img"))
    return "".join((element.get("aria-label", ""), *element.itertext(), *pictures)).strip()


def _astray(page: Element, ids: set[str]) -> Iterator[str]:
    """Places of this page that are named and aren't there."""
    for each in page.iter():
        named = f"{each.get('aria-labelledby', '')} {each.get('aria-describedby', '')}".split()
        if each.tag == "a" and each.get("href", "").startswith("#"):
            named.append(each.get("href", "")[1:])
        if each.tag == "label" and (field := each.get("for")):
            named.append(field)
        yield from (f"there is no {name}" for name in named if name not in ids)


def _not_by_policy(page: Element) -> Iterator[str]:
    """What the content security policy would stop without a word to the reader."""
    for each in page.iter():
        if each.tag == "style" or each.get("style") is not None:
            yield f"a {each.tag} has a style of its own"
        if each.tag == "script" and each.get("src") is None:
            yield "a script stands in the page"
        yield from (f"a {each.tag} has {name}" for name in each.attrib if name.startswith("on"))
