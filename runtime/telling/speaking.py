"""Sentences of codes on the command line: in English, with short moments."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from domain.decisions import Decision, Finding
from domain.values import Moment
from notifications import formats
from notifications.curve import curve_sentence
from notifications.speaker import Sentences, Speaker
from runtime.telling import words


class Setting(NamedTuple):
    """What sentences need to know beside the answer: where the subject and its customer are, and
    the policy's own words for codes."""

    zone: ZoneInfo | None = None
    customer_zone: str | None = None
    sentences: Sentences | None = None


NOWHERE = Setting()


class LineSpeaker(Speaker):
    """Names both zones where clocks differ; without a zone, this machine's."""

    def __init__(self, kind: str, currency: str, setting: Setting) -> None:
        super().__init__(
            "en-GB", kind, currency, customer_zone=setting.customer_zone,
            audience="business", sentences=setting.sentences,
        )  # fmt: skip
        self._place = setting.zone

    def moment(self, value: Moment) -> str:
        if not isinstance(value, datetime):
            return value.isoformat()
        told = words.moment(value.isoformat(), self._place)
        place, other = self._place, self.other_zone
        if place is None or other is None or formats.is_same_clock(value, place, other):
            return told
        return f"{told} ({words.moment(value.isoformat(), other)} where the customer is)"


def codes(findings: Iterable[words.Answer], speaker: Speaker) -> Iterator[str]:
    """Why it came out so, a sentence each; a code without one stands for itself."""
    for found in findings:
        finding = Finding(code=found["code"], params=found["params"])
        yield f"  {speaker.sentence(finding) or finding.code}"


def ahead(decision: words.Answer, speaker: Speaker) -> Iterator[str]:
    """How the terms change with time, as one sentence."""
    if decision["outcome"] != "declined":
        told = curve_sentence(Decision.model_validate(decision), speaker)
        yield from (told,) if told else ()


def trace(decision: words.Answer, speaker: Speaker) -> Iterator[str]:
    """Each rule that was looked at, by its name, and what it said."""
    steps = [(step["rule"], _said(step, speaker)) for step in decision["trace"]]
    if steps:
        policy, version = decision["policy_id"], decision["policy_version"]
        yield f"How it was decided, by policy {policy}, version {version}"
        yield from words.table(steps)


def _said(step: words.Answer, speaker: Speaker) -> str:
    result, params = step["result"], step["params"]
    if result == "passed":
        return "nothing against it"
    if sentence := speaker.sentence(Finding(code=result, params=params)):
        return f"{result}: {sentence}"
    told = (_param(name, value, speaker) for name, value in params.items())
    return ", ".join((result.replace("_", " "), *told))


def _param(name: str, value: object, speaker: Speaker) -> str:
    if name.endswith("_minor") and isinstance(value, int):
        return f"{name.removesuffix('_minor')} {speaker.money(value)}"
    return f"{name} {value}"
