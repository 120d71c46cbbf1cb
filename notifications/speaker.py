"""Speaks one language: sentences of codes, amounts and moments, for one subject and its place."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from domain.decisions import Finding
from domain.policy.sentences import in_language
from domain.values import Attributes, Moment
from notifications import catalogue, formats

Sentences = Mapping[str, Mapping[str, str]]
"""A policy's own sentences: by code, then by language."""


class Speaker:
    """It never fails on a code: one that is unknown gets a general sentence, or none.

    `audience` says whose clock is meant by "where you are": the customer's, or the business's.
    `titles` are those of the lines, where it knows them.
    """

    titles: Mapping[str, str] = {}

    def __init__(
        self,
        language: str,
        kind: str,
        currency: str,
        *,
        zone: str | None = None,
        customer_zone: str | None = None,
        audience: str = "customer",
        sentences: Sentences | None = None,
    ) -> None:
        self.tag = language
        self.kind = kind
        self.currency = currency
        self.audience = audience
        self.sentences = sentences or {}
        self.language = catalogue.pick(language)
        self.locale = _locale(language, self.language)
        self.zone = formats.zone_named(zone) or ZoneInfo("UTC")
        self.other_zone = formats.zone_named(customer_zone)

    def word(self, section: str, code: str, unknown: str = "unknown") -> str:
        return self.find("words", section, code) or self.find("words", section, unknown) or ""

    def money(self, minor: int) -> str:
        return formats.money(minor, self.currency, self.locale)

    def moment(self, value: Moment) -> str:
        """A moment at the subject's place, and where the customer is if clocks differ there."""
        if not isinstance(value, datetime):
            return formats.day(value, self.locale)
        here = value.astimezone(self.zone).date()
        time, zone = formats.clock(value, self.zone, self.locale)
        words = {"day": formats.day(here, self.locale), "time": time, "zone": zone}
        other = self.other_zone
        if other is None or formats.is_same_clock(value, self.zone, other):
            return self._common("moment", **words)
        there = value.astimezone(other).date()
        own = " ".join(formats.clock(value, other, self.locale))
        if there != here:
            own = f"{formats.day(there, self.locale)}, {own}"
        return self._common(f"moment_{self.audience}", **words, own=own)

    def sentence(self, finding: Finding) -> str | None:
        """What a code means here: in the policy's own words, else in ours. Where a parameter is
        missing, the sentence that does without; None where there is none."""
        own = self.sentences.get(finding.code)
        templates = (
            in_language(own, self.tag) if own else None,
            self.find("words", "code", finding.code),
            self.find("words", "plain_code", finding.code),
        )
        written = dict(self._written(finding.params))
        told = (_filled(template, written) for template in templates if template)
        return next((sentence for sentence in told if sentence is not None), None)

    def find(self, *path: str) -> str | None:
        """In this language, else in English."""
        found = catalogue.find(self.language, *path, kind=self.kind)
        return catalogue.find(catalogue.DEFAULT, *path, kind=self.kind) if found is None else found

    def _common(self, key: str, **values: object) -> str:
        return (self.find("common", key) or "").format(**values)

    def _written(self, params: Attributes) -> Iterator[tuple[str, str]]:
        """Parameters as people read them, less those that can't be read."""
        for name, value in params.items():
            with suppress(ValueError):
                yield name, self._value(name, value)

    def _value(self, name: str, value: Any) -> str:
        """Write a parameter by what its name says it is."""
        if name.endswith("minor") and isinstance(value, int):
            return self.money(value)
        if name.endswith(("_at", "until")) and isinstance(value, str):
            is_day = len(value) == len("2026-01-31")
            return self.moment((date if is_day else datetime).fromisoformat(value))
        if name == "name":
            own = str(value).rpartition(".")[2].removesuffix("_minor")
            return own.replace("_", " ")
        return str(value)


def telling(findings: Iterable[Finding]) -> list[Finding]:
    """Those worth telling: that nothing is left says nothing where another one says why."""
    told = list(findings)
    return [one for one in told if one.code != "nothing_left" or len(told) == 1]


def _filled(template: str, values: Mapping[str, str]) -> str | None:
    try:
        return template.format_map(values)
    except (KeyError, IndexError, ValueError):
        return None


def _locale(tag: str, language: str) -> Locale:
    """The reader's own region where we speak their language: de-AT writes amounts as in Austria."""
    spoken = Locale.parse(language, sep="-")
    try:
        locale = Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return spoken
    return locale if locale.language == spoken.language else spoken
