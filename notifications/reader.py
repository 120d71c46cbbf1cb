"""Speaks to one reader of a mail: its sentences, and the facts of the case in their order."""

from domain.decisions import Finding, adjustment_finding
from domain.lifecycle import RefundState
from domain.subjects import Handling
from notifications import catalogue
from notifications.curve import curve
from notifications.news import Audience, Held, Item, News, Payback
from notifications.speaker import Speaker

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
        return sentence.format(ref=news.subject.id, who=who, **values)

    def item(self, item: Item) -> str:
        title = item.title or self.say("untitled")
        if item.quantity == 1:
            return title
        return self.say("times", quantity=item.quantity, title=title)

    def adjustments(self, item: Item) -> list[str]:
        """What lowers or raises this line's refund besides the fee."""
        told = (adjustment_finding(each) for each in item.adjustments)
        return [sentence for each in told if (sentence := self.sentence(each))]

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
        """Amounts that add up: what was paid and is due makes what is kept and what goes back."""
        news = self.news
        rows = [
            (self.say("total_fee"), self.money(news.fee_minor)),
            (self.say("total_back"), self.money(news.refund_minor)),
        ]
        if news.items:
            price = sum(item.price_minor for item in news.items)
            rows.insert(0, (self.say("total_price"), self.money(price)))
            adjusted = sum(each.amount_minor for item in news.items for each in item.adjustments)
            paid = news.refund_minor + news.fee_minor - news.due_minor - adjusted
            if adjusted:
                rows.insert(2, (self.say("total_adjusted"), self.money(adjusted)))
            if paid != price:
                rows.insert(1, (self.say("total_paid"), self.money(paid)))
        if news.from_hold_minor:
            rows.append((self.say("from_hold"), self.money(news.from_hold_minor)))
        if self.due_minor:
            rows.append((self.say("due"), self.money(self.due_minor)))
        return rows

    @property
    def due_minor(self) -> int:
        """What is still to be paid: no held card gives it."""
        return max(0, self.news.due_minor - self.news.from_hold_minor)

    def held(self) -> list[str]:
        """What happens to the cards that were only held."""
        news = self.news
        if news.from_hold_minor and not news.holds:
            return [self.say("hold_kept", due=self.money(news.from_hold_minor))]
        return [self._hold(hold) for hold in news.holds]

    def _hold(self, hold: Held) -> str:
        if not hold.take_minor:
            return self.say("hold_released" if hold.is_done else "hold_releasing")
        key = "hold_taken" if hold.is_done else "hold_taking"
        return self.say(key, fee=self.money(hold.take_minor))

    def later(self) -> list[str]:
        """What cancelling would come to from now on, if somebody asks again."""
        decided, now = self.news.decision, self.news.told_at
        return curve(decided, self, now) if decided is not None else []

    def why_fee(self) -> list[str]:
        """What the fee is made of; nothing if a person has set another one since."""
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
        told = [self.finding(finding) for finding in news.findings]
        return list(dict.fromkeys(told)) or [self._general()]

    def finding(self, finding: Finding) -> str:
        """The sentence of a code; one that is unknown or lacks a parameter is told in general."""
        return self.sentence(finding) or self._general()

    def _general(self) -> str:
        return self.word("code", f"unknown_{self.news.template}", "unknown_declined")

    def tender(self, payback: Payback) -> str:
        """Where the money goes: the means of payment, and the form if that is another."""
        form = self.find("words", "form", payback.form)
        if form is None:
            form = self.word("form", "unknown")
        method = self.word("method", payback.method)
        return f"{method}, {form}" if form else method

    def arrives(self, payback: Payback) -> str:
        """When the money arrives, or what stands in its way."""
        if payback.state in _TOLD_BY_STATE:
            return self.word("money", payback.state)
        if payback.expected_by is not None and payback.handling is not Handling.LEDGER:
            return self.say("by_day", day=self.moment(payback.expected_by))
        known = catalogue.timing(self.language, payback.timing or "")
        return known or self.word("timing", payback.handling)
