"""The description of the API, good enough to generate a client from."""

from typing import Any

from fastapi import FastAPI

from api.errors import MEDIA_TYPE, Problem

_REF = "#/components/schemas/"

PROBLEMS: dict[int | str, dict[str, Any]] = {
    "default": {
        "description": "A problem; its `code` says which",
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}}},
    }
}
"""What any route may answer instead."""


def describe(app: FastAPI) -> None:
    """Complete the generated description: problems of every route, and none of FastAPI's own."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _completed(generate())
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _completed(schema: dict[str, Any]) -> dict[str, Any]:
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    problem = Problem.model_json_schema(ref_template=_REF + "{model}")
    schemas |= problem.pop("$defs", {}) | {"Problem": problem}
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operations in schema["paths"].values():
        for operation in operations.values():
            _without_fastapis_own(operation["responses"])
    return schema


def _without_fastapis_own(responses: dict[str, Any]) -> None:
    """Drop the 422 that FastAPI documents; ours is a problem like any other."""
    content = responses.get("422", {}).get("content", {}).get("application/json", {})
    if content.get("schema", {}).get("$ref") == f"{_REF}HTTPValidationError":
        del responses["422"]
