"""What a policy has to be told, in words."""

from collections.abc import Iterator

from domain.policy.document import Fact
from domain.policy.policy import Policy
from domain.policy.vocabulary import Type
from notifications.policies.names import constant, named
from notifications.policies.phrases import Phrases, sentence
from notifications.policies.words import Told

_BY_NAME = {"notice": ("start",), "lead_time": ("start", "placed"), "length": ("start", "end")}
_MOMENTS = ("start", "end", "placed", "delivered", "original_start")


def facts(p: Phrases, policy: Policy) -> Iterator[Told]:
    """The instants that rules ask for, then the facts that the document declares."""
    asked = dict.fromkeys(moment for name in policy.names for moment in _moments(name))
    for moment in _MOMENTS:
        if moment in asked:
            yield Told(text=p.say("facts", moment))
    if "persons" in policy.names or _counts_persons(policy):
        yield Told(text=p.say("facts", "persons"))
    for name, fact in policy.document.facts.items():
        yield Told(text=sentence(_fact(p, name, fact)), place=f"facts.{name}")


def _moments(name: str) -> tuple[str, ...]:
    if name in _BY_NAME:
        return _BY_NAME[name]
    bare = name.removeprefix("since.").removeprefix("until.")
    return (bare.partition(".")[0],)


def _counts_persons(policy: Policy) -> bool:
    return any("person" in rule.per for rule in policy.document.rules)


def _fact(p: Phrases, name: str, fact: Fact) -> str:
    type_ = p.say("facts", "types", fact.type.value)
    if fact.unit is not None and fact.type is Type.SPAN:
        type_ = p.say("facts", "in_unit", unit=p.say("facts", "units", fact.unit))
    told = named(p, name)
    if fact.default is None:
        return p.say("facts", "needed", name=told, type=type_)
    value = _default(p, fact)
    return p.say("facts", "default", name=told, type=type_, value=value)


def _default(p: Phrases, fact: Fact) -> str:
    is_bare = fact.type is Type.MONEY and not isinstance(fact.default, str)
    if fact.type is Type.SPAN or is_bare:
        return str(fact.default)
    return constant(p, fact.type, fact.default)
