"""The JSON Schema of a policy document, for editors, forms and checkers."""

from typing import Any

from domain.policy.document import Document
from domain.policy.vocabulary import NAMES

_CONDITION = "#/$defs/Condition"


def json_schema() -> dict[str, Any]:
    """The whole schema. Facts that a document declares are names too; no schema can list them."""
    schema = Document.model_json_schema()
    parts = schema["$defs"]
    parts["Condition"] = {"description": parts["Condition"]["description"]} | _condition()
    parts["Fact"] = {"anyOf": [{"$ref": "#/$defs/Type"}, parts["Fact"]]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _condition() -> dict[str, Any]:
    scalar = {"type": ["string", "number", "boolean"]}
    many = {"type": "array", "items": {"$ref": _CONDITION}, "minItems": 1}
    bounds = dict.fromkeys(("under", "over", "at_least", "at_most", "is"), scalar)
    test: dict[str, Any] = {
        "anyOf": [
            scalar,
            {"type": "array", "items": scalar, "minItems": 1},
            {
                "type": "object",
                "properties": {
                    **bounds,
                    "not": {"anyOf": [scalar, {"type": "array", "items": scalar}]},
                    "known": {"type": "boolean"},
                    "between": {
                        "type": "array", "items": scalar, "minItems": 2, "maxItems": 2,
                    },
                },
                "additionalProperties": False,
                "minProperties": 1,
            },
        ]
    }  # fmt: skip
    known = {name: {**test, "description": each.means} for name, each in NAMES.items()}
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {**known, "any": many, "all": many, "not": {"$ref": _CONDITION},
                       "cel": {"type": "string"}},
        "additionalProperties": test,
    }  # fmt: skip
