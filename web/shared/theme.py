"""The merchant's look: one brand colour, made safe to read in light and in dark; and corners."""

from html import escape
from pathlib import Path
from urllib.parse import quote

from domain.values import Value
from notifications.colours import DARK, LIGHT, USUAL, brand


class Theme(Value):
    """What a merchant may set. Colours of states and of the focus ring are not theirs to change.

    `corners` is how round: none, some or full. `logo` is a file. `footer` is labels and links.
    """

    name: str = "Rescind"
    brand: str = USUAL
    corners: str = "some"
    logo: Path | None = None
    contact: str | None = None
    footer: tuple[tuple[str, str], ...] = ()


_RADII = {
    "none": ("0", "0", "0"),
    "some": ("0.75rem", "0.5rem", "2rem"),
    "full": ("1.5rem", "1.5rem", "2rem"),
}
"""Of panels, of buttons and fields, and of chips."""


def stylesheet(theme: Theme) -> str:
    """The variables that the theme sets, to come after ours."""
    light, dark = brand(theme.brand, LIGHT), brand(theme.brand, DARK)
    colours = "".join(
        f"--{name}:light-dark({one},{other});"
        for name, one, other in (
            ("brand", light.colour, dark.colour),
            ("on-brand", light.ink, dark.ink),
            ("brand-soft", light.soft, dark.soft),
        )
    )
    panel, control, chip = _RADII.get(theme.corners, _RADII["some"])
    return f":root{{{colours}--radius:{panel};--radius-control:{control};--radius-chip:{chip}}}"


def icon(theme: Theme) -> str:
    """The name's first letter on the brand's colour, as an address that fetches nothing."""
    colour = brand(theme.brand, LIGHT)
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{colour.colour}"/>'
        f'<text x="16" y="23" font-family="sans-serif" font-size="20" font-weight="700" '
        f'text-anchor="middle" fill="{colour.ink}">{escape(theme.name[:1].upper())}</text></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"
