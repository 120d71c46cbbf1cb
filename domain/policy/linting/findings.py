"""What the linter has to say."""

from enum import StrEnum

from domain.values import Code, Value


class Severity(StrEnum):
    """An error can't be meant as it stands; a warning may be."""

    ERROR = "error"
    WARNING = "warning"


class PolicyFinding(Value):
    """One thing found in a document. `place` is like `rules[3].when.notice.under`; line and column
    count from 1 and are there where the author's own text is known."""

    severity: Severity
    code: Code
    place: str
    text: str
    line: int | None = None
    column: int | None = None


def error(code: str, place: str, text: str) -> PolicyFinding:
    return PolicyFinding(severity=Severity.ERROR, code=code, place=place, text=text)


def warning(code: str, place: str, text: str) -> PolicyFinding:
    return PolicyFinding(severity=Severity.WARNING, code=code, place=place, text=text)
