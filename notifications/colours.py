"""A brand colour made safe to read, on light and on dark surfaces.

Contrast is that of WCAG 2.2 (1.4.3): https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio.
"""

import colorsys
import re
from typing import NamedTuple

LIGHT, DARK = "#ffffff", "#171a22"
"""What brand colours stand on: the surfaces of both schemes."""

_AROUND = {LIGHT: "#f5f5f9", DARK: "#0e1016"}
"""What is around these surfaces; links stand there too."""

USUAL = "#4f46e5"

_HEX = re.compile(r"#[0-9a-f]{6}")
_TEXT = 4.6
"""A little more than the 4.5 that text needs, so that a tint beneath it is fine as well."""


class Brand(NamedTuple):
    """A brand colour for one scheme: as text and border, what stands on it, and as a tint."""

    colour: str
    ink: str
    soft: str


def brand(colour: str, surface: str) -> Brand:
    """Shift a colour's lightness until it can be read on this surface, around it and on its tint.

    What is no colour like #4f46e5 is read as that one.
    """
    colour = colour.lower() if _HEX.fullmatch(colour.lower()) else USUAL
    is_dark = luminance(surface) < 0.2
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    soft = _blend(colour, surface, 0.12)
    step = 0.01 if is_dark else -0.01
    grounds = (surface, soft, _AROUND.get(surface, surface))
    while min(contrast(colour, ground) for ground in grounds) < _TEXT:
        lightness += step
        colour = _hex(colorsys.hls_to_rgb(hue, min(max(lightness, 0), 1), saturation))
        if not 0 < lightness < 1:
            break
    white, black = contrast(colour, "#ffffff"), contrast(colour, "#0b0d12")
    return Brand(colour, "#ffffff" if white >= black else "#0b0d12", soft)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def _hex(parts: tuple[float, float, float]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in parts)


def _blend(colour: str, surface: str, share: float) -> str:
    mixed = [
        one * share + other * (1 - share)
        for one, other in zip(_parts(colour), _parts(surface), strict=True)
    ]
    return _hex((mixed[0], mixed[1], mixed[2]))
