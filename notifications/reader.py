"""Speaks to one reader: sentences, amounts and moments in their language and zone."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError

from domain.decisions import Finding
from domain.lifecycle import RefundState
from domain.values import Attributes, Moment
from notifications import catalogue, formats
from notifications.news import Audience, Item, News, Payback

_FEES = frozenset(
    {
        "fee",
        "late_fee",
        "after_start_fee",
        "not_refundable",
        "not_refunded",
        "fee_waived",
        "fee_set",
    }
)
"""Findings that explain a fee; the others explain a no or a question."""

_TOLD_BY_STATE = frozenset(
    {
        RefundState.REQUIRES_ACTION,
        RefundState.FAILED,
        RefundState.PAID_OTHERWISE,
        RefundState.WAIVED,
    }
)


class Reader:
    """What the templates call. It never fails on a code: an unknown one gets a general sentence."""

    def __init__(self, news: News) -> None:
        self.news = news
        self.kind = news.subject.kind.value
        self.language = catalogue.pick(news.language)
        self.locale = _locale(news.language, self.language)
        self.zone = formats.zone_named(news.zone) or ZoneInfo("UTC")
        self.other_zone = formats.zone_named(news.customer_zone)

    def say(self, key: str, **values: object) -> str:
        """A sentence of this mail, or one that all mails share."""
        news = self.news
        own = ("mails", news.template.value, news.audience.value, key)
        sentence = self._find(*own) or self._find("common", key)
        if sentence is None:
            raise KeyError(f"no wording {'.'.join(own)} in {self.language}")
        if "{requested}" in sentence:
            values["requested"] = self.moment(news.requested_at)
        who = self.word("initiator", news.initiator)
        return sentence.format(ref=news.subject.id, who=who, **values)

    def word(self, section: str, code: str, unknown: str = "unknown") -> str:
        return self._find("words", section, code) or self._find("words", section, unknown) or ""

    def money(self, minor: int) -> str:
        return formats.money(minor, self.news.currency, self.locale)

    def moment(self, value: Moment) -> str:
        """A moment at the subject's place, and where the customer is if clocks differ there."""
        if not isinstance(value, datetime):
            return formats.day(value, self.locale)
        here = value.astimezone(self.zone).date()
        time, zone = formats.clock(value, self.zone, self.locale)
        words = {"day": formats.day(here, self.locale), "time": time, "zone": zone}
        other = self.other_zone
        if other is None or formats.is_same_clock(value, self.zone, other):
            return self.say("moment", **words)
        there = value.astimezone(other).date()
        own = " ".join(formats.clock(value, other, self.locale))
        if there != here:
            own = f"{formats.day(there, self.locale)}, {own}"
        return self.say(f"moment_{self.news.audience}", **words, own=own)

    def item(self, item: Item) -> str:
        title = item.title or self.say("untitled")
        if item.quantity == 1:
            return title
        return self.say("times", quantity=item.quantity, title=title)

    def facts(self) -> list[tuple[str, str]]:
        """What identifies the case; who the customer is only the business needs to be told."""
        news = self.news
        rows: list[tuple[str, str]] = []
        if news.audience is Audience.BUSINESS:
            customer = ", ".join(part for part in (news.customer_name, news.customer_email) if part)
            rows += [(self.say("customer"), customer)] if customer else []
        if news.starts_at is not None:
            rows.append((self.say("starts"), self.moment(news.starts_at)))
        if news.reason:
            rows.append((self.say("reason"), news.reason))
        return rows

    def totals(self) -> list[tuple[str, str]]:
        news = self.news
        rows = [
            (self.say("total_fee"), self.money(news.fee_minor)),
            (self.say("total_back"), self.money(news.refund_minor)),
        ]
        if news.items:
            price = sum(item.price_minor for item in news.items)
            rows.insert(0, (self.say("total_price"), self.money(price)))
        if news.due_minor:
            rows.append((self.say("due"), self.money(news.due_minor)))
        return rows

    def why_fee(self) -> list[str]:
        """What the fee is made of; nothing if a person has set another one since."""
        fees = [told for told in self.news.findings if told.code in _FEES]
        if sum(told.params.get("fee_minor", 0) for told in fees) != self.news.fee_minor:
            return []
        spoken = (self._sentence(fee) for fee in fees if fee.params.get("fee_minor") != 0)
        return [sentence for sentence in spoken if sentence]

    def why(self) -> list[str]:
        """Why it came out so: the findings where there are any, else the cause."""
        news = self.news
        if news.cause and not (news.cause == "rules" and news.findings):
            return [self.word("cause", news.cause)]
        told = [self.finding(finding) for finding in news.findings]
        return list(dict.fromkeys(told)) or [self._general()]

    def finding(self, finding: Finding) -> str:
        """The sentence of a code; one that is unknown or lacks a parameter is told in general."""
        return self._sentence(finding) or self._general()

    def _sentence(self, finding: Finding) -> str | None:
        sentence = self._find("words", "code", finding.code)
        try:
            return sentence.format_map(self._written(finding.params)) if sentence else None
        except (KeyError, IndexError, ValueError):
            return None

    def _general(self) -> str:
        return self.word("code", f"unknown_{self.news.template}", "unknown_declined")

    def tender(self, payback: Payback) -> str:
        """Where the money goes: the means of payment, and the form if that is another."""
        form = self._find("words", "form", payback.form)
        if form is None:
            form = self.word("form", "unknown")
        method = self.word("method", payback.method)
        return f"{method}, {form}" if form else method

    def arrives(self, payback: Payback) -> str:
        """When the money arrives, or what stands in its way."""
        if payback.state in _TOLD_BY_STATE:
            return self.word("money", payback.state)
        known = catalogue.timing(self.language, payback.timing or "")
        return known or self.word("timing", payback.handling)

    def _written(self, params: Attributes) -> dict[str, str]:
        return {name: self._value(name, value) for name, value in params.items()}

    def _value(self, name: str, value: Any) -> str:
        """Write a parameter by what its name says it is."""
        if name.endswith("minor") and isinstance(value, int):
            return self.money(value)
        if name.endswith(("_at", "until")) and isinstance(value, str):
            is_day = len(value) == len("2026-01-31")
            return self.moment((date if is_day else datetime).fromisoformat(value))
        return str(value)

    def _find(self, *path: str) -> str | None:
        found = catalogue.find(self.language, *path, kind=self.kind)
        return catalogue.find(catalogue.DEFAULT, *path, kind=self.kind) if found is None else found


def _locale(tag: str, language: str) -> Locale:
    """The reader's own region where we speak their language: de-AT writes amounts as in Austria."""
    try:
        locale = Locale.parse(tag.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale.parse(language)
    return locale if locale.language == language.split("-")[0] else Locale.parse(language)
