"""The rows of a mail's tables: what each line costs, what it comes to, where the money goes."""

from domain.decisions import adjustment_finding
from domain.lifecycle import RefundState
from domain.subjects import Handling
from notifications import catalogue
from notifications.news import Held, Item, Payback
from notifications.reader import Reader

Row = tuple[str, str, list[str]]
"""A name, a figure, and what is told below the name."""

_TOLD_BY_STATE = frozenset(
    {
        RefundState.REQUIRES_ACTION,
        RefundState.FAILED,
        RefundState.PAID_OTHERWISE,
        RefundState.WAIVED,
    }
)


def named(reader: Reader) -> list[tuple[str, str]]:
    """The lines without amounts, each with a start of its own where it has one."""
    return [
        (_title(reader, item), reader.moment(item.starts_at) if item.starts_at else "")
        for item in reader.news.items
    ]


def priced(reader: Reader) -> list[Row]:
    """The lines with what goes back for each; price, fee and other changes are told below."""
    return [
        (_title(reader, item), reader.money(item.refund_minor), list(_below(reader, item)))
        for item in reader.news.items
    ]


def _below(reader: Reader, item: Item) -> list[str]:
    amounts = f"{reader.say('price')} {reader.money(item.price_minor)}"
    if item.fee_minor:
        name = "kept" if reader.news.is_kept_by_word else "fee"
        amounts += f" · {reader.say(name)} {reader.money(item.fee_minor)}"
    told = (reader.sentence(adjustment_finding(each)) for each in item.adjustments)
    start = [reader.moment(item.starts_at)] if item.starts_at else []
    return [*start, amounts, *(sentence for sentence in told if sentence)]


def _title(reader: Reader, item: Item) -> str:
    title = item.title or reader.say("untitled")
    if item.quantity == 1:
        return title
    return reader.say("times", quantity=item.quantity, title=title)


def totals(reader: Reader) -> list[tuple[str, str]]:
    """Amounts that add up: what was paid and is due makes what is kept and what goes back."""
    news = reader.news
    fee = "total_kept" if news.is_kept_by_word else "total_fee"
    amounts = [(fee, news.fee_minor), ("total_back", news.refund_minor)]
    if news.items:
        price = sum(item.price_minor for item in news.items)
        amounts.insert(0, ("total_price", price))
        adjusted = sum(each.amount_minor for item in news.items for each in item.adjustments)
        paid = news.refund_minor + news.fee_minor - news.due_minor - adjusted
        if adjusted:
            amounts.insert(2, ("total_adjusted", adjusted))
        if paid != price:
            amounts.insert(1, ("total_paid", paid))
    if news.from_hold_minor:
        amounts.append(("from_hold", news.from_hold_minor))
    if news.still_due_minor:
        amounts.append(("due", news.still_due_minor))
    return [(reader.say(name), reader.money(amount)) for name, amount in amounts]


def held(reader: Reader) -> list[str]:
    """What happens to the cards that were only held."""
    news = reader.news
    if news.from_hold_minor and not news.holds:
        return [reader.say("hold_kept", due=reader.money(news.from_hold_minor))]
    return [_hold(reader, hold) for hold in news.holds]


def _hold(reader: Reader, hold: Held) -> str:
    if not hold.take_minor:
        return reader.say("hold_released" if hold.is_done else "hold_releasing")
    key = "hold_taken" if hold.is_done else "hold_taking"
    return reader.say(key, fee=reader.money(hold.take_minor))


def returned(reader: Reader) -> list[Row]:
    """What goes where, and below it when it arrives."""
    return [
        (tender(reader, each), reader.money(each.amount_minor), [arrives(reader, each)])
        for each in reader.news.paybacks
    ]


def planned(reader: Reader) -> list[tuple[str, str]]:
    """What would go where, as long as nobody said that it goes."""
    return [(tender(reader, one), reader.money(one.amount_minor)) for one in reader.news.paybacks]


def tender(reader: Reader, payback: Payback) -> str:
    """Where the money goes: the means of payment, or the form that it takes instead of that."""
    method = reader.word("method", payback.method)
    own = reader.find("words", "method", payback.form)
    if own is not None and payback.form != payback.method:
        return reader.say("instead", form=own, method=method)
    form = reader.find("words", "form", payback.form)
    if form is None:
        form = reader.word("form", "unknown")
    return f"{method}, {form}" if form else method


def arrives(reader: Reader, payback: Payback) -> str:
    """When the money arrives, or what stands in its way."""
    if payback.state in _TOLD_BY_STATE:
        return reader.word("money", payback.state)
    if payback.handling is Handling.LEDGER:
        return reader.word("timing", Handling.LEDGER)
    if payback.expected_by is not None:
        return reader.say("by_day", day=reader.moment(payback.expected_by))
    if payback.handling is Handling.MANUAL and payback.state is not None:
        return reader.word("timing", Handling.MANUAL)
    known = catalogue.timing(reader.language, payback.timing or "")
    return known or reader.word("timing", payback.handling)
