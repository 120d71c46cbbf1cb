"""What the merchant keeps of a price."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from domain.money import Rounding, divide
from domain.values import Minor, Value

WHOLE = 10_000
_PERCENT = re.compile(r"(\d{1,3})(?:\.(\d{1,2}))?%")


def read_percent(value: object) -> object:
    """Turn "12.5%" into basis points, hundredths of a percent; a whole number is those already."""
    if not isinstance(value, str):
        return value
    match = _PERCENT.fullmatch(value.replace(" ", ""))
    if match is None:
        raise ValueError(f"{value!r} is no percentage; write 50% or 12.5%")
    return int(match[1]) * 100 + int((match[2] or "0").ljust(2, "0"))


BasisPoints = Annotated[int, Field(ge=0, le=WHOLE, strict=True)]


class Fee(Value):
    """A part of the price and a fixed amount, added up; never more than the price.

    Written `50%`, or with both parts named. The fixed amount is taken once for all lines that
    this fee applies to.
    """

    percent: Annotated[BasisPoints, BeforeValidator(read_percent)] = 0
    fixed_minor: Minor = 0

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"percent": value} if isinstance(value, str) else value

    def of(self, price: int, rounding: Rounding) -> int:
        """What is kept of this price."""
        share = divide(price * self.percent, WHOLE, rounding) if self.percent else 0
        return min(price, self.fixed_minor + share)


FREE = Fee()
ALL = Fee(percent=WHOLE)
