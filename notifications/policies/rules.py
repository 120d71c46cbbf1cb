"""The rules of a policy, and what happens where none fits."""

from collections.abc import Iterator

from domain.policy.document import Check, Rule
from domain.policy.policy import Policy
from notifications.policies.charges import charged
from notifications.policies.conditions import condition
from notifications.policies.phrases import Phrases, sentence
from notifications.policies.timings import form_words, timing_words
from notifications.policies.words import Told


def rules(p: Phrases, policy: Policy) -> Iterator[Told]:
    document = policy.document
    for number, rule in enumerate(document.rules):
        place = f"rules[{number}]"
        before = condition(p, document, rule.when, rule.unless)
        before = before or p.say("rules", "otherwise" if number else "always")
        effect = _effect(p, policy, rule, place)
        text = sentence(p.say("rules", "sentence", condition=before, effect=effect.text))
        said = " ".join((text, *_more(p, rule)))
        yield effect.model_copy(
            update={"text": said, "rule": policy.rules[number].rule, "place": place}
        )


def checks(p: Phrases, policy: Policy) -> Iterator[Told]:
    document = policy.document
    for number, check in enumerate(document.checks):
        before = condition(p, document, check.when, check.unless) or p.say("rules", "always")
        effect = p.say("rules", "refuse" if check.refuse else "hand_over")
        text = sentence(p.say("rules", "sentence", condition=before, effect=effect))
        yield Told(
            text=" ".join((text, *_codes(p, check))),
            rule=policy.checks[number].rule,
            place=f"checks[{number}]",
        )


def gaps(p: Phrases, policy: Policy) -> Iterator[Told]:
    """What holds where the rules are silent."""
    if all(rule.test is not None for rule in policy.rules):
        yield Told(text=p.say("gaps", "keeps" if policy.keeps else "free"))
    reaches = any(rule.node and (rule.stages or rule.is_late) for rule in policy.rules)
    yield Told(text=p.say("gaps", "started" if reaches else "started_never"))
    yield Told(text=p.say("gaps", "stage"))
    yield Told(text=p.say("gaps", "missing"))


def _effect(p: Phrases, policy: Policy, rule: Rule, place: str) -> Told:
    if rule.refuse is not None:
        return Told(text=p.say("rules", "refuse"))
    if rule.hand_over is not None:
        return Told(text=p.say("rules", "hand_over"))
    return charged(p, policy.document, rule, place)


def _more(p: Phrases, rule: Rule) -> Iterator[str]:
    """Sentences after the first: what is told, who agrees, how the money goes back."""
    yield from _codes(p, rule)
    if rule.approval is not None:
        yield p.say("rules", "approval", text=p.told(rule.approval))
    if rule.form is not None:
        yield p.say("rules", "form", form=form_words(p, rule.form))
    if rule.timing is not None:
        yield p.say("rules", "timing", timing=timing_words(p, rule.timing))
    if rule.grants is not None:
        yield p.say("rules", "grants", form=form_words(p, rule.grants))


def _codes(p: Phrases, rule: Rule | Check) -> Iterator[str]:
    if rule.refuse is not None:
        yield p.say("rules", "told", text=p.told(rule.refuse))
    if rule.hand_over is not None:
        yield p.say("rules", "told_staff", text=p.told(rule.hand_over))
