"""The frozen base of every value, and the scalar types they share."""

from datetime import date
from functools import cache
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

JsonScalar = str | int | float | bool | None
Attributes = dict[str, Any]
"""Facts only the merchant knows, as JSON; a policy may ask for them by name."""

Ref = Annotated[str, Field(pattern=r"^[A-Za-z0-9._~-]{1,64}$")]
"""An id of the merchant's: safe in a path, a workflow id and a file name as it stands."""

Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
"""An ISO 4217 code."""

NO_CURRENCY = "XXX"
"""ISO 4217's own code where no currency is involved."""

Code = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
"""A stable word for machines; people read its wording in their language."""

MOST_MINOR = 10**15

Minor = Annotated[int, Field(ge=0, le=MOST_MINOR)]
"""An amount in the currency's smallest unit, never negative."""


def _as_text(value: object) -> object:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"{value:g}" if is_number else value


TaxRate = Annotated[
    str, BeforeValidator(_as_text), Field(pattern=r"^(100|[0-9]{1,2}(\.[0-9]{1,4})?)$")
]
"""In percent, as it stands on the invoice: "19", "8.875"."""

Quantity = Annotated[int, Field(ge=1, le=1_000_000)]

Moment = AwareDatetime | date
"""An instant, or a civil date at the subject's place where only the day is known."""


class Value(BaseModel):
    """Compared by content, never changed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @classmethod
    def of_checked(cls, **fields: Any) -> Self:
        """Make one of values that were checked already, or worked out from such: the same as by
        validation in less than half the time. It is for what every decision makes."""
        made = cls.__new__(cls)
        _set(made, "__dict__", _defaults(cls) | fields)
        _set(made, "__pydantic_fields_set__", set(fields))
        _set(made, "__pydantic_extra__", None)
        _set(made, "__pydantic_private__", None)
        return made


_set = object.__setattr__


@cache
def _defaults(cls: type[Value]) -> dict[str, Any]:
    found = cls.model_fields.items()
    return {name: field.default for name, field in found if not field.is_required()}
