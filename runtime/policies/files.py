"""Policies in files."""

from pathlib import Path

from domain.errors import PolicyInvalid
from domain.policy.document import Policy, parse_policy
from use_cases.documents import read_document


def load_policy(path: Path) -> Policy:
    """Read a policy. Without an `id` it is named like its file. Raises PolicyInvalid."""
    return parse_policy({"id": path.stem} | read_document(_text(path)))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise PolicyInvalid(f"byte {error.start}: the text must be in UTF-8") from None
    except OSError as error:
        raise PolicyInvalid(f"the file can't be read: {error.strerror}") from None
