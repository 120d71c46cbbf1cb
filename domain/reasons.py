"""The business's own catalogue of reasons."""

from domain.errors import NoteRequired, NoteTooLong, ReasonUnknown
from domain.subjects import Kind
from domain.values import Code, Value

OTHER = "other"
NOTE_LIMIT = 2_000
"""Characters of free text, which is personal and kept apart."""


class Reason(Value):
    """One reason to choose. `labels` by language tag; a retired one stays on old records."""

    code: Code
    labels: dict[str, str]
    kinds: frozenset[Kind] = frozenset(Kind)
    note_required: bool = False
    retired: bool = False
    position: int = 0

    def label(self, language: str) -> str:
        """The label in this language, else its base language, else English, else any."""
        for tag in (language, language.split("-")[0], "en"):
            if tag in self.labels:
                return self.labels[tag]
        return next(iter(self.labels.values()), self.code)


def check_reason(reason: Reason | None, code: str | None, kind: Kind, note: str | None) -> None:
    """Refuse a reason that isn't offered for this kind, or a note that is missing or too long."""
    if note is not None and len(note) > NOTE_LIMIT:
        raise NoteTooLong(f"a note has at most {NOTE_LIMIT} characters, this one {len(note)}")
    if code is None:
        return
    if reason is None or reason.retired or kind not in reason.kinds:
        raise ReasonUnknown(f"{code!r} is no reason for cancelling an {kind}")
    if reason.note_required and not (note and note.strip()):
        raise NoteRequired(f"reason {code!r} needs a note in the customer's own words")
