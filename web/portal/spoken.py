"""Sentences about rules, amounts and moments, for one reader and one order or appointment."""

from notifications.speaker import Speaker
from use_cases.subject_views import SubjectView
from web.shared.pages import Words


def speaker_of(words: Words, view: SubjectView) -> Speaker:
    return Speaker(
        words.language,
        view.kind.value,
        view.currency,
        zone=view.zone,
        customer_zone=words.own_zone.key if words.own_zone else None,
    )
