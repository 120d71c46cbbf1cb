"""The lines of an import: one order, appointment or resource each."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from domain.errors import InvalidRequest
from domain.reports import AppointmentReport, OrderReport
from domain.resources import Resource
from domain.texts import without_prefix
from domain.values import Ref

LONGEST_LINE = 256_000
"""Bytes."""


class OrderLine(OrderReport):
    kind: Literal["order"]
    id: Ref


class AppointmentLine(AppointmentReport):
    kind: Literal["appointment"]
    id: Ref


class ResourceLine(Resource):
    kind: Literal["resource"]
    id: Ref


ImportLine = Annotated[OrderLine | AppointmentLine | ResourceLine, Field(discriminator="kind")]
_LINES: TypeAdapter[OrderLine | AppointmentLine | ResourceLine] = TypeAdapter(ImportLine)


def read_line(text: bytes) -> OrderLine | AppointmentLine | ResourceLine:
    """Read a line. InvalidRequest names each place that is wrong, never what stands there."""
    if len(text) > LONGEST_LINE:
        raise InvalidRequest(f"a line has at most {LONGEST_LINE} bytes")
    try:
        return _LINES.validate_json(text)
    except ValidationError as error:
        faults = error.errors(include_input=False, include_url=False, include_context=False)
        told = [
            f"{'.'.join(map(str, fault['loc'][1:]))}: {without_prefix(fault['msg'])}"
            for fault in faults
        ]
        raise InvalidRequest("; ".join(line.removeprefix(": ") for line in told[:10])) from None


class _Named(BaseModel):
    kind: str | None = None
    id: Ref | None = None


def name_line(text: bytes) -> tuple[str | None, str | None]:
    """The kind and id of a line, as far as they can be read in a broken one."""
    try:
        named = _Named.model_validate_json(text[: LONGEST_LINE + 1])
    except ValidationError:
        return None, None
    return named.kind if named.kind in _KINDS else None, named.id


_KINDS = ("order", "appointment", "resource")
