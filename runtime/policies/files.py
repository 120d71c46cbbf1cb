"""Policies in files."""

from pathlib import Path
from typing import Any

from domain.errors import PolicyInvalid
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from use_cases.documents import WHOLE, read_document, wrong


def load_policy(path: Path) -> Policy:
    """Read a policy. Without an `id` it is named like its file; what it extends lies beside it.

    Raises PolicyInvalid.
    """
    return parse_policy(_document(path), lambda name: _beside(path, name))


def text_of(path: Path) -> str:
    """The text of a file. Raises PolicyInvalid."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise wrong(f"byte {error.start}", "the text must be in UTF-8") from None
    except OSError as error:
        raise wrong(WHOLE, f"the file can't be read: {error.strerror}") from None


def _beside(path: Path, name: str) -> dict[str, Any] | None:
    other = path.with_name(f"{name}{path.suffix}")
    try:
        return _document(other) if other.is_file() else None
    except PolicyInvalid as error:
        raise wrong(other.name, str(error)) from None


def _document(path: Path) -> dict[str, Any]:
    return {"id": path.stem} | read_document(text_of(path))
