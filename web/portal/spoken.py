"""Sentences about rules, amounts and moments, for one reader and one order or appointment."""

from domain.subjects import LineKind
from domain.values import Moment
from notifications.speaker import Sentences, Speaker
from use_cases.standings import SubjectBrief
from use_cases.subject_views import LineView, SubjectView
from web.shared.pages import Words

View = SubjectView | SubjectBrief


class PageSpeaker(Speaker):
    """Writes moments and amounts as the page around its sentences does."""

    def __init__(self, words: Words, view: View, sentences: Sentences | None) -> None:
        super().__init__(
            words.language, view.kind.value, view.currency, zone=view.zone, sentences=sentences
        )
        self._words = words
        self.locale = words.locale
        if isinstance(view, SubjectView):
            self.titles = {line.id: line.title for line in view.lines if _is_named(line)}

    def moment(self, value: Moment) -> str:
        return self._words.moment(value, self.zone.key, named=True)


def _is_named(line: LineView) -> bool:
    return bool(line.title) and line.kind in (LineKind.GOODS, LineKind.SERVICE)


def speaker_of(words: Words, view: View, sentences: Sentences | None = None) -> Speaker:
    """`sentences` are the policy's own, where it has some."""
    return PageSpeaker(words, view, sentences)
