"""Names that are declared for nothing, or mean less than they seem to."""

from collections.abc import Iterator

from domain.policy.document import Document
from domain.policy.linting.candidates import PARTS
from domain.policy.linting.findings import PolicyFinding, warning
from domain.policy.linting.walking import Atom, all_atoms
from domain.policy.policy import Policy
from domain.policy.stages import meaning

_STAGES = ("stage", "line.status")


def names(policy: Policy) -> Iterator[PolicyFinding]:
    found = list(all_atoms(policy.document))
    yield from _unused(policy)
    yield from _untold(policy.document, found)
    yield from _stages(policy.document, found)


def _unused(policy: Policy) -> Iterator[PolicyFinding]:
    used = {_plain(name) for name in policy.names}
    for name in policy.document.facts:
        if name not in used:
            text = f"{name} is declared, and no rule asks for it"
            yield warning("unused_fact", f"facts.{name}", f"{text}. Use it, or leave it out")


def _plain(name: str) -> str:
    """The moment that a distance or a part is of."""
    for head in ("since.", "until."):
        name = name.removeprefix(head)
    head, _, part = name.rpartition(".")
    return head if part in PARTS and "." in head else name


def _untold(document: Document, atoms: list[Atom]) -> Iterator[PolicyFinding]:
    """Settings that rules need and that may not be there. Whether they are is asked by `known`."""
    asked = {atom.name for atom in atoms if atom.bound == "known"}
    for name, fact in document.facts.items():
        if name.startswith("settings.") and fact.default is None and name not in asked:
            text = f"{name} has no default: where it isn't set, a person has to decide"
            yield warning("no_default", f"facts.{name}", f"{text}. Give it one, or test `known`")


def _stages(document: Document, atoms: list[Atom]) -> Iterator[PolicyFinding]:
    """Words for a stage that nothing says the meaning of."""
    seen = set()
    for atom in atoms:
        if atom.name not in _STAGES or atom.bound == "known":
            continue
        for word in atom.value if isinstance(atom.value, (list, tuple)) else (atom.value,):
            if word not in seen and meaning(word, document.stages) is None:
                seen.add(word)
                text = f"nothing says what {word!r} means; it counts as open"
                yield warning(
                    "stage_unmapped", atom.place, f"{text}. Say it: stages: {{{word}: open}}"
                )
