"""The part of CEL that policies may use.

A number is CEL's double, so that 7 / 2 is 3.5; whole numbers remain where things are counted.
There is no clock, no chance, no time zone data and hardly a way to make texts longer.
"""

import json
from collections.abc import Mapping
from functools import lru_cache

from cel_expr_python import cel
from cel_expr_python.ext import ext_math

FUNCTIONS = (
    *("size", "startsWith", "endsWith", "contains", "matches", "timestamp", "duration"),
    *("getHours", "getMinutes", "int", "double"),
    *("math.least", "math.greatest", "math.round", "math.floor", "math.ceil", "math.abs"),
)

_OPERATORS = ("_&&_", "_||_", "!_", "-_", "_%_", "_[_]", "@not_strictly_false")
_SOME_KINDS = {
    "getHours": ("duration_to_hours",),
    "getMinutes": ("duration_to_minutes",),
    "int": ("double_to_int64",),
    "double": ("int64_to_double",),
}

Signature = tuple[str, ...]
"""The kinds of the parameters, then that of the result; A stands for any one kind."""

_FRACTIONS = "double", "double", "double"
_WHOLE = "int", "int", "int"
_MIXED = ("int", "double", "bool"), ("double", "int", "bool")
_LATER = ("timestamp", "duration", "timestamp"), ("duration", "duration", "duration")
_KINDS_IN_ORDER = ("int", "double", "string", "timestamp", "duration")
_ORDERED = (*((kind, kind, "bool") for kind in _KINDS_IN_ORDER), *_MIXED)
_SIGNATURES: Mapping[str, tuple[Signature, ...]] = {
    "_+_": (_FRACTIONS, _WHOLE, *_LATER, ("list(A)", "list(A)", "list(A)")),
    "_-_": (_FRACTIONS, _WHOLE, *_LATER, ("timestamp", "timestamp", "duration")),
    "_*_": (_FRACTIONS, _WHOLE),
    "_/_": (_FRACTIONS,),
    "_==_": (("A", "A", "bool"), *_MIXED),
    "_!=_": (("A", "A", "bool"), *_MIXED),
    **dict.fromkeys(("_<_", "_<=_", "_>_", "_>=_"), _ORDERED),
    "@in": (
        *(("A", "list(A)", "bool"), ("A", "map(A)", "bool")),
        *(("double", "list(int)", "bool"), ("int", "list(double)", "bool")),
    ),
    "_?_:_": (("bool", "A", "A", "A"),),
}
"""What operators take. The library compares 3 with 2.5 gladly, but its checker forbids it."""


@lru_cache(maxsize=256)
def environment(variables: frozenset[tuple[str, str]]) -> cel.Env:
    """Declare these names, each with a CEL kind."""
    return cel.NewEnv(
        config=cel.NewEnvConfigFromYaml(_CONFIG),
        variables={name: cel.Type(kind) for name, kind in variables},
        extensions=[ext_math.ExtMath()],
    )


def _configuration() -> str:
    named = [{"name": name} for name in (*_OPERATORS, *FUNCTIONS[:7])]
    some = [
        {"name": name, "overloads": [{"id": kind} for kind in kinds]}
        for name, kinds in _SOME_KINDS.items()
    ]
    declared = [_declaration(name, signatures) for name, signatures in _SIGNATURES.items()]
    kept = {"include_functions": [*named, *some]}
    return json.dumps({"name": "policy", "stdlib": kept, "functions": declared})


def _declaration(name: str, signatures: tuple[Signature, ...]) -> Mapping[str, object]:
    overloads = [
        {
            "id": f"{name}({','.join(parameters)})",
            "args": [_kind(parameter) for parameter in parameters],
            "return": _kind(result),
        }
        for *parameters, result in signatures
    ]
    return {"name": name, "overloads": overloads}


def _kind(name: str) -> Mapping[str, object]:
    outer, _, inner = name.rstrip(")").partition("(")
    if outer == "map":
        return {"type_name": "map", "params": [_kind(inner), {"type_name": "dyn"}]}
    if outer == "list":
        return {"type_name": "list", "params": [_kind(inner)]}
    return {"type_name": outer, "is_type_param": True} if outer == "A" else {"type_name": outer}


_CONFIG = _configuration()
