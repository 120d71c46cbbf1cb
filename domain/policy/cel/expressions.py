"""The escape hatch: a CEL expression for what the policy document can't say.

All that knows CEL stands in files called `expression`. A name, a type, a constant or a cost that
can't be right is refused when the expression is compiled. When it is evaluated, whatever isn't an
answer of the wanted type raises: an error is never read as true, false or an amount.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from cel_expr_python import cel

from domain.policy.cel.arithmetic import SMALLEST, write_fractions
from domain.policy.cel.check import (
    check_arithmetic,
    check_text,
    check_tree,
    find_names,
)
from domain.policy.cel.cost import BUDGET, Extent, work
from domain.policy.cel.language import environment
from domain.policy.cel.tree import Node, Tree, read
from domain.policy.cel.values import (
    LARGEST,
    ExpressionFailed,
    ResultType,
    VariableType,
    give,
    take,
)
from domain.policy.cel.wording import explain, kind_in_words

__all__ = ["Expression", "ExpressionFailed", "ResultType", "VariableType", "compile_expression"]

_USUAL = Extent(size=200, longest=20)
_CEL_KINDS = {
    VariableType.TEXT: "string",
    VariableType.NUMBER: "double",
    VariableType.BOOLEAN: "bool",
    VariableType.INSTANT: "timestamp",
    VariableType.LIST: "list",
    VariableType.ANY: "dyn",
}
_RESULT_KINDS = {
    ResultType.BOOLEAN: {"BOOL", "DYN"},
    ResultType.AMOUNT: {"INT", "DOUBLE", "DYN"},
    ResultType.NUMBER: {"INT", "DOUBLE", "DYN"},
}

Kinds = frozenset[tuple[str, VariableType]]


@dataclass(frozen=True)
class Expression:
    """A compiled expression. It holds no state, so threads may share it."""

    text: str
    result: ResultType
    kinds: tuple[tuple[str, VariableType], ...] = field(repr=False)
    """The variables it reads, with their types."""
    _divisors: frozenset[str] = field(repr=False, compare=False)
    _root: Node = field(repr=False, compare=False)
    _program: cel.Expression = field(repr=False, compare=False)
    _always_cheap: bool = field(repr=False, compare=False)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(name for name, _ in self.kinds)

    def evaluate(self, values: Mapping[str, object]) -> bool | int | float:
        """Work out the answer from values by full name, such as `attributes.guests`.

        Every variable the text reads must have a value, even where the answer wouldn't depend on
        it. Raises ExpressionFailed. Other values in the mapping are not looked at.
        """
        data = self._take(values)
        try:
            answer = self._program.eval(data=data)
        except RuntimeError:
            raise ExpressionFailed("the expression takes too many steps") from None
        if answer.type() == cel.Type.ERROR:
            raise ExpressionFailed(f"the expression has no answer: {_reason(answer)}")
        if answer.type() not in (cel.Type.BOOL, cel.Type.INT, cel.Type.DOUBLE):
            raise ExpressionFailed(f"the result isn't of the kind '{self.result}'")
        return give(answer.value(), self.result)

    def _take(self, values: Mapping[str, object]) -> dict[str, Any]:
        data: dict[str, Any] = {}
        size, longest = 0, 0
        for name, kind in self.kinds:
            value = values.get(name)
            if value is None:
                raise ExpressionFailed(f"{name} has no value", missing=name)
            try:
                data[name], extent = take(value, kind)
            except ExpressionFailed as error:
                raise ExpressionFailed(f"{name} can't be used: {error}") from None
            if name in self._divisors and abs(data[name]) < SMALLEST:
                raise ExpressionFailed(f"{name} is 0 and divides")
            size, longest = size + extent.size, max(longest, extent.longest)
        self._check_cost(Extent(size, longest))
        return data

    def _check_cost(self, given: Extent) -> None:
        if given.size > LARGEST.size or given.longest > LARGEST.longest:
            raise ExpressionFailed("the values are too large")
        if not self._always_cheap and work(self._root, given) > BUDGET:
            raise ExpressionFailed("the expression could take too many steps with these values")


def compile_expression(
    text: str, variables: Mapping[str, VariableType], result: ResultType
) -> Expression:
    """Compile, or say in a ValueError what is wrong and where. The same again costs nothing."""
    return _compile(text, frozenset(variables.items()), result)


@lru_cache(maxsize=4096)
def _compile(text: str, variables: Kinds, result: ResultType) -> Expression:
    check_text(text)
    tree = _parse(text)
    check_tree(text, tree)
    names = find_names(text, tree, [name for name, _ in variables])
    kinds = tuple(sorted((name, kind) for name, kind in variables if name in names))
    numbers = [name for name, kind in kinds if kind is VariableType.NUMBER]
    divisors = check_arithmetic(text, tree, numbers)
    if work(tree.root, _USUAL) > BUDGET:
        raise ValueError("The expression could take too many steps.")
    program = _check_kinds(text, tree, frozenset(kinds), result)
    cheap = work(tree.root, LARGEST) <= BUDGET
    return Expression(text, result, kinds, divisors, tree.root, program, cheap)


def _parse(text: str) -> Tree:
    """Look at the text alone, before its types are worked out, which can be made costly."""
    try:
        return read(environment(frozenset()).compile(text, disable_check=True).serialize())
    except RuntimeError as error:
        raise ValueError(explain(text, str(error))) from None


def _check_kinds(text: str, tree: Tree, kinds: Kinds, result: ResultType) -> cel.Expression:
    written = write_fractions(text, tree)
    declared = environment(frozenset((name, _CEL_KINDS[kind]) for name, kind in kinds))
    try:
        program = declared.compile(written.text)
        found = program.return_type().name()
    except RuntimeError as error:
        raise ValueError(explain(text, str(error), written)) from None
    if found not in _RESULT_KINDS[result]:
        words = kind_in_words(found)
        raise ValueError(f"The expression gives {words}, and {result} is wanted.")
    return program


def _reason(answer: cel.Value) -> str:
    """Name the library's error without its details, which may repeat a person's words."""
    return str(answer.value()).partition(":")[0].replace("_", " ").lower()
