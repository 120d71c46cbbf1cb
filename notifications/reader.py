"""Speaks to one reader of a mail: its sentences, and the facts of the case in their order."""

from domain.decisions import Finding
from notifications.curve import curve
from notifications.look import Look
from notifications.news import Audience, News, Template
from notifications.speaker import Speaker, telling

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


class Reader(Speaker):
    """What the templates call. It never fails on a code: an unknown one gets a general sentence."""

    def __init__(self, news: News) -> None:
        super().__init__(
            news.language,
            news.subject.kind.value,
            news.currency,
            zone=news.zone,
            customer_zone=news.customer_zone,
            audience=news.audience.value,
            sentences=news.sentences,
        )
        self.news = news
        if news.decision is not None and len(news.items) == len(news.decision.lines):
            told = zip(news.decision.line_ids, news.items, strict=True)
            self.titles = {line: item.title for line, item in told if item.title}

    @property
    def ref(self) -> str:
        return self.news.subject.id

    def say(self, key: str, **values: object) -> str:
        """A sentence of this mail, or one that all mails share."""
        news = self.news
        own = ("mails", news.template.value, news.audience.value, key)
        sentence = self.find(*own) or self.find("common", key)
        if sentence is None:
            raise KeyError(f"no wording {'.'.join(own)} in {self.language}")
        if "{requested}" in sentence:
            values["requested"] = self.moment(news.requested_at)
        who = self.word("initiator", news.initiator)
        return sentence.format(ref=self.ref, who=who, **values)

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

    def later(self) -> list[str]:
        """What cancelling would come to from now on, if somebody asks again."""
        decided, now = self.news.decision, self.news.told_at
        return curve(decided, self, now) if decided is not None else []

    def why_fee(self) -> list[str]:
        """What the fee is made of, or that a person set what goes back."""
        if (decided := self.news.decision) is not None and decided.is_refund_set:
            return [self.finding(told) for told in decided.price_codes]
        fees = [told for told in self.news.findings if told.code in _FEES]
        if sum(told.params.get("fee_minor", 0) for told in fees) != self.news.fee_minor:
            return []
        spoken = (self.sentence(fee) for fee in fees if fee.params.get("fee_minor") != 0)
        return [sentence for sentence in spoken if sentence]

    def why(self) -> list[str]:
        """Why it came out so: the findings where there are any, else the cause."""
        news = self.news
        if news.cause and not (news.cause == "rules" and news.findings):
            return [self.word("cause", news.cause)]
        told = [self.finding(finding) for finding in telling(news.findings)]
        return list(dict.fromkeys(told)) or [self._general()]

    def finding(self, finding: Finding) -> str:
        """The sentence of a code; one that is unknown or lacks a parameter is told in general."""
        return self.sentence(finding) or self._general()

    def _general(self) -> str:
        return self.word("code", f"unknown_{self.news.template}", "unknown_declined")

    def preheader(self) -> str:
        """What an inbox shows beside the subject: the amount once it is settled, else the news."""
        news = self.news
        if news.template is Template.CANCELLED and news.refund_minor:
            return f"{self.say('total_back')}: {self.money(news.refund_minor)}"
        return self.say(news.lead)

    def reason(self, look: Look) -> str:
        """Why this mail comes to its reader."""
        return self.say(f"why_{self.news.audience}", business=look.name)

    def links(self, look: Look) -> list[tuple[str, str]]:
        """What stands in the foot; preferences are the customer's."""
        found = [(self.say("contact"), look.contact)]
        if self.news.audience is Audience.CUSTOMER:
            found.append((self.say("preferences"), look.preferences))
        return [(label, address) for label, address in (*found, *look.footer) if address]
