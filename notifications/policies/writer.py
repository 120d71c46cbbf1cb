"""Writes a policy as its manager would read it."""

from collections.abc import Iterator

from domain.policy.policy import Policy
from notifications.policies import facts, rules, terms
from notifications.policies.phrases import Phrases
from notifications.policies.words import PolicyWords, Section, Told


def in_words(policy: Policy, language: str) -> PolicyWords:
    """The whole policy in a language that `phrases.languages` has."""
    document = policy.document
    p = Phrases(language, document.sentences, document.kinds[0])
    found = ((key, tuple(told)) for key, told in _sections(p, policy))
    return PolicyWords(
        id=document.id,
        title=document.title,
        language=language,
        sections=tuple(
            Section(key=key, title=p.say("sections", key), told=told) for key, told in found if told
        ),
    )


def _sections(p: Phrases, policy: Policy) -> Iterator[tuple[str, Iterator[Told]]]:
    document = policy.document
    yield "scope", terms.scope(p, document)
    yield "rules", rules.rules(p, policy)
    yield "gaps", rules.gaps(p, policy)
    yield "checks", rules.checks(p, policy)
    yield "approval", terms.approval(p, document)
    yield "forms", terms.forms(p, document)
    yield "terms", terms.terms(p, policy)
    yield "facts", facts.facts(p, policy)
    yield "sentences", terms.sentences(p, document)
