"""The sentences in which a refused expression is explained."""

import re
from collections.abc import Collection
from difflib import get_close_matches

from domain.policy.cel.arithmetic import Written
from domain.policy.cel.language import FUNCTIONS

_KINDS = {
    "int": "a whole number",
    "double": "a number",
    "string": "text",
    "bool": "a boolean",
    "dyn": "anything",
    "timestamp": "an instant",
    "duration": "a duration",
    "list": "a list",
    "map": "a map",
    "null_type": "null",
}
_HINTS = {"_%_": "; use int(...)", "_[_]": "; use int(...)"}
_LIBRARY_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_NO_OVERLOAD = re.compile(r"found no matching overload for '(.*)' applied to '\((.*)\)'")


def place(text: str, offset: int) -> str:
    line, column = text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)
    return f"line {line}, column {column}" if "\n" in text else f"column {column}"


def explain(text: str, message: str, written: Written | None = None) -> str:
    """Put what the library says of what was written for it into a plain sentence."""
    found = _LIBRARY_ERROR.search(message)
    if "recursion" in message:
        return "The expression is nested too deeply."
    if found is None:
        return "The kinds of values in the expression don't fit."
    before = (written.text if written else text).split("\n")[: int(found[1]) - 1]
    offset = sum(len(line) + 1 for line in before) + int(found[2]) - 1
    where = place(text, written.original(offset) if written else offset)
    return f"{_sentence(found[3])} ({where})."


def kind_in_words(kind: str) -> str:
    outer = re.split(r"[(<]", kind.strip().lower())[0]
    return _KINDS.get(outer, outer)


def nearest(name: str, known: Collection[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f" Did you mean '{near[0]}'?" if near else ""


def _sentence(message: str) -> str:
    if found := _NO_OVERLOAD.search(message):
        kinds = [kind_in_words(kind) for kind in re.split(r", (?![^(]*\))", found[2])]
        mixed = {"a number", "a whole number"} <= set(kinds)
        hint = _HINTS.get(found[1], "; use double(...) for counts" if mixed else "")
        return f"'{_operator(found[1])}' doesn't take {' and '.join(kinds)}{hint}"
    if found := re.match(r"undeclared reference to '(.*?)'", message):
        return f"There is no function '{found[1]}'.{nearest(found[1], FUNCTIONS)}".rstrip(".")
    if "'<EOF>'" in message:
        return "The expression ends too early"
    if message.startswith("Syntax error"):
        return message.split(" expecting ")[0].replace("Syntax error: ", "Syntax error, ")
    return message[:1].upper() + message[1:].rstrip(".")


def _operator(name: str) -> str:
    return "? :" if name == "_?_:_" else name.replace("_", "").replace("@", "") or name
