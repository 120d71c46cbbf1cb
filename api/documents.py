"""Policy documents as they come in and go out: JSON or YAML, kept as they were written."""

import json
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import TypeAdapter, ValidationError

from api.schemas import PolicyDocument
from domain.errors import InvalidRequest
from domain.texts import JSON_TYPE, YAML_TYPE
from use_cases.documents import WHOLE, read_document, wrong
from use_cases.policy_texts import Written

_YAML = (YAML_TYPE, "text/yaml", "application/x-yaml", "text/x-yaml")
_DOCUMENT: TypeAdapter[dict[str, Any]] = TypeAdapter(PolicyDocument)

BODY = {
    "requestBody": {
        "required": True,
        "description": "A policy document; its JSON Schema is at /v1/policies/schema.",
        "content": {kind: {"schema": {"type": "object"}} for kind in (JSON_TYPE, YAML_TYPE)},
    }
}
"""What a route that takes a document says of it."""

TEXT = {"content": {YAML_TYPE: {"schema": {"type": "string"}}}}


class Received(NamedTuple):
    """A text, and the document that it is."""

    written: Written
    document: dict[str, Any]


async def _read(request: Request) -> Received:
    text = _decoded(await request.body())
    kind = request.headers.get("content-type", JSON_TYPE).partition(";")[0].strip().lower()
    if kind in _YAML:
        return Received(Written(text, YAML_TYPE), read_document(text))
    if kind != JSON_TYPE:
        raise InvalidRequest(f"send {JSON_TYPE} or {YAML_TYPE}, not {kind}")
    return Received(Written(text, JSON_TYPE), _json(text))


Document = Annotated[Received, Depends(_read)]


def wants_text(request: Request) -> bool:
    """Whether the caller asks for the text rather than for what it became."""
    accepted = request.headers.get("accept", "").lower()
    return any(kind in accepted for kind in _YAML) and JSON_TYPE not in accepted


def _decoded(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong(f"byte {error.start}", "the text must be in UTF-8") from None


def _json(text: str) -> dict[str, Any]:
    try:
        return _DOCUMENT.validate_python(json.loads(text))
    except json.JSONDecodeError as error:
        fault = {"type": "json_invalid", "loc": ("body", error.pos), "msg": error.msg}
        raise RequestValidationError([fault]) from None
    except ValidationError as error:
        faults = [{**fault, "loc": ("body", *fault["loc"])} for fault in error.errors()]
        raise RequestValidationError(faults) from None
    except (ValueError, RecursionError):
        raise wrong(WHOLE, "is no JSON that can be read") from None
