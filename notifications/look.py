"""How mails look: the merchant's settings, as the pages have them."""

from domain.values import Value
from notifications.colours import DARK, LIGHT, USUAL, Brand, brand

_RADII = {"none": "0", "some": "10px", "full": "20px"}


class Look(Value):
    """What a merchant may set. Mails fetch nothing but their logo.

    `logo` and `preferences` are whole addresses. A logo is shown where it is https, and else the
    name; `contact` is a link such as `mailto:desk@shop.example`, `footer` labels with links.
    """

    name: str = "Rescind"
    colour: str = USUAL
    corners: str = "some"
    logo: str | None = None
    contact: str | None = None
    preferences: str | None = None
    footer: tuple[tuple[str, str], ...] = ()

    @property
    def light(self) -> Brand:
        return brand(self.colour, LIGHT)

    @property
    def dark(self) -> Brand:
        return brand(self.colour, DARK)

    @property
    def radius(self) -> str:
        return _RADII.get(self.corners, _RADII["some"])

    @property
    def image(self) -> str | None:
        return self.logo if self.logo and self.logo.startswith("https://") else None
