import pytest

from domain.errors import NoteRequired, NoteTooLong, ReasonUnknown
from domain.reasons import NOTE_LIMIT, Reason, check_reason
from domain.subjects import Kind

OTHER = Reason(code="other", labels={"en": "Other", "pt": "Outro"}, note_required=True)
ILL = Reason(code="illness", labels={"de": "Krankheit"}, kinds=frozenset({Kind.APPOINTMENT}))


@pytest.mark.parametrize(
    ("reason", "language", "label"),
    [
        (OTHER, "pt-BR", "Outro"),
        (OTHER, "fr", "Other"),
        (ILL, "fr", "Krankheit"),
        (Reason(code="bare", labels={}), "en", "bare"),
    ],
)
def test_a_label_falls_back_to_a_language_there_is(
    reason: Reason, language: str, label: str
) -> None:
    assert reason.label(language) == label


def test_no_reason_at_all_is_left_to_the_policy() -> None:
    check_reason(None, None, Kind.ORDER, None)


@pytest.mark.parametrize(
    ("reason", "kind"),
    [
        (None, Kind.ORDER),
        (ILL, Kind.ORDER),
        (ILL.model_copy(update={"retired": True}), Kind.APPOINTMENT),
    ],
)
def test_a_reason_that_is_not_offered_is_refused(reason: Reason | None, kind: Kind) -> None:
    with pytest.raises(ReasonUnknown):
        check_reason(reason, "illness", kind, None)


@pytest.mark.parametrize("note", [None, "", "  "])
def test_other_needs_a_note(note: str | None) -> None:
    with pytest.raises(NoteRequired):
        check_reason(OTHER, "other", Kind.ORDER, note)


def test_a_note_has_a_limit() -> None:
    check_reason(OTHER, "other", Kind.ORDER, "x" * NOTE_LIMIT)
    with pytest.raises(NoteTooLong):
        check_reason(OTHER, "other", Kind.ORDER, "x" * (NOTE_LIMIT + 1))
