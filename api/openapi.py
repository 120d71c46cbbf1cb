"""The description of the API, good enough to generate a client from."""

from typing import Any

from fastapi import FastAPI

from api.problems import MEDIA_TYPE, Problem

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
    schemas["Problem"] = Problem.model_json_schema()
    for inner in _inner(schema):
        schemas |= inner
    _without_tuples(schema)
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    for operations in schema["paths"].values():
        for operation in operations.values():
            _without_fastapis_own(operation["responses"])
    return schema


def _inner(node: Any) -> list[dict[str, Any]]:
    """Take definitions out of schemas that came with their own, and point to where they go."""
    if isinstance(node, list):
        return [found for item in node for found in _inner(item)]
    if not isinstance(node, dict):
        return []
    if isinstance(node.get("$ref"), str):
        node["$ref"] = node["$ref"].replace("#/$defs/", _REF)
    own = [node.pop("$defs")] if "$defs" in node else []
    return own + _inner(list(node.values())) + _inner(own)


def _without_tuples(node: Any) -> None:
    """Tell of a pair as a list of two: few generators know `prefixItems`."""
    if isinstance(node, dict):
        if "prefixItems" in node:
            kinds = node.pop("prefixItems")
            is_uniform = all(kind == kinds[0] for kind in kinds)
            node["items"] = kinds[0] if is_uniform else {"anyOf": kinds}
        node = list(node.values())
    for inner in node if isinstance(node, list) else ():
        _without_tuples(inner)


def _without_fastapis_own(responses: dict[str, Any]) -> None:
    """Drop the 422 that FastAPI documents; ours is a problem like any other."""
    content = responses.get("422", {}).get("content", {}).get("application/json", {})
    if content.get("schema", {}).get("$ref") == f"{_REF}HTTPValidationError":
        del responses["422"]
