"""A merchant's look: pages can be read whatever colour they have; logo, corners, links."""

import gzip
import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError
from starlette.routing import Route

from notifications.colours import DARK, LIGHT, brand, contrast
from runtime.errors import StartupError
from runtime.portal import theme_of
from runtime.settings import Settings
from web.shared import theme
from web.shared.assets import Assets
from web.shared.theme import Theme

BRANDS = {
    "indigo": "#4f46e5",
    "yellow": "#ffd400",
    "mint": "#3eb489",
    "red": "#e10600",
    "navy": "#0b1f4b",
    "grey": "#8a8a8a",
    "white": "#ffffff",
    "black": "#000000",
}
PAGES = {LIGHT: "light", DARK: "dark"}
SHEET = Path(theme.__file__).parent / "static" / "portal.css"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg"/>'


def tokens(scheme: str) -> dict[str, str]:
    """The colours of the stylesheet in one scheme."""
    found = re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", SHEET.read_text())
    return {name: light if scheme == "light" else dark for name, light, dark in found}


@pytest.mark.parametrize("colour", BRANDS.values(), ids=BRANDS)
@pytest.mark.parametrize("surface", PAGES, ids=PAGES.values())
def test_any_brand_can_be_read_wherever_it_stands(colour: str, surface: str) -> None:
    made = brand(colour, surface)
    assert contrast(made.colour, surface) >= 4.5
    assert contrast(made.colour, made.soft) >= 4.5
    assert contrast(made.colour, tokens(PAGES[surface])["bg"]) >= 4.5
    assert contrast(made.ink, made.colour) >= 4.5


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_our_own_colours_can_be_read_as_well(scheme: str) -> None:
    known = tokens(scheme)
    for text in ("text", "muted"):
        for ground in ("bg", "surface", "surface-2"):
            assert contrast(known[text], known[ground]) >= 4.5, (text, ground)
    for word in ("ok", "warn", "bad"):
        assert contrast(known[word], known[f"{word}-soft"]) >= 4.5
        assert contrast(known["text"], known[f"{word}-soft"]) >= 4.5
    assert contrast(known["on-bad"], known["bad"]) >= 4.5
    assert contrast(known["line-strong"], known["surface"]) >= 3
    assert contrast(known["focus"], known["bg"]) >= 3


def test_a_colour_that_is_none_is_ours() -> None:
    assert brand("rebeccapurple", LIGHT) == brand(Theme().brand, LIGHT)


def test_corners_are_as_told() -> None:
    told = {corners: theme.stylesheet(Theme(corners=corners)) for corners in ("none", "full")}
    assert "--radius:0;" in told["none"]
    assert "--radius:1.5rem;" in told["full"]
    assert theme.stylesheet(Theme(corners="odd")) == theme.stylesheet(Theme())


def test_the_sheet_is_small_and_turns_around_by_itself() -> None:
    sheet = SHEET.read_text()
    assert len(gzip.compress(sheet.encode(), 9)) < 8_000
    sides = r"(?<![-\w])(left|right|top|bottom|margin-(left|right)|padding-(left|right))\s*:"
    assert re.findall(sides, sheet) == []
    assert "@import" not in sheet
    assert "url(" not in sheet


def test_the_icon_is_the_names_first_letter_and_fetches_nothing() -> None:
    address = theme.icon(Theme(name="<Kornblume>"))
    assert address.startswith("data:image/svg+xml,%3Csvg")
    assert "%26lt%3B%3C" in address


async def test_the_logo_is_served_for_good_and_can_run_nothing(tmp_path: Path) -> None:
    logo = tmp_path / "Kornblume.SVG"
    logo.write_bytes(DRAWING)
    assets = Assets("/my", Theme(logo=logo))
    assert assets.logo == "logo.svg"
    app = FastAPI(routes=[Route("/my/static/{name}", assets.serve)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://x") as http:
        answer = await http.get(assets.link(assets.logo))
    assert (answer.content, answer.headers["content-type"]) == (DRAWING, "image/svg+xml")
    assert "immutable" in answer.headers["cache-control"]
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "sandbox" in answer.headers["content-security-policy"]


def test_a_logo_that_cant_be_shown_stops_the_start(tmp_path: Path) -> None:
    for logo in (tmp_path / "none.svg", Path(__file__)):
        with pytest.raises(StartupError, match="PORTAL_LOGO"):
            theme_of(Settings(portal_logo=logo))
    assert theme_of(Settings()).logo is None


def test_links_at_the_foot_are_labels_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_FOOTER", "Imprint=https://shop.example/imprint, Privacy=/privacy")
    told = theme_of(Settings()).footer
    assert told == (("Imprint", "https://shop.example/imprint"), ("Privacy", "/privacy"))
    for wrong in ("Imprint", "=https://shop.example", "Imprint=javascript:alert(1)"):
        monkeypatch.setenv("PORTAL_FOOTER", wrong)
        with pytest.raises(ValidationError):
            Settings()
