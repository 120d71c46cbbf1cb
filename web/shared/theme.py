"""The merchant's look: one brand colour, made safe to read in light and in dark; and corners."""

from domain.values import Value
from notifications.colours import DARK, LIGHT, USUAL, brand


class Theme(Value):
    """What a merchant may set. Colours of states and of the focus ring are not theirs to change.

    `corners` is how round: none, some or full. `logo` is a path on this host, or nothing.
    """

    name: str = "Rescind"
    brand: str = USUAL
    corners: str = "some"
    logo: str | None = None
    contact: str | None = None
    footer: tuple[tuple[str, str], ...] = ()


_RADII = {"none": "0", "some": "0.625rem", "full": "1.25rem"}


def stylesheet(theme: Theme) -> str:
    """The variables that the theme sets, as a stylesheet of its own."""
    light, dark = brand(theme.brand, LIGHT), brand(theme.brand, DARK)
    colours = "".join(
        f"--{name}:light-dark({one},{other});"
        for name, one, other in (
            ("brand", light.colour, dark.colour),
            ("on-brand", light.ink, dark.ink),
            ("brand-soft", light.soft, dark.soft),
        )
    )
    return f":root{{{colours}--radius:{_RADII.get(theme.corners, _RADII['some'])}}}"
