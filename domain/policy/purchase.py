"""What a policy's `applies_to` may ask: facts of the purchase, as they were when it was made."""

from collections.abc import Iterable

_OF_PURCHASE = (
    *("kind", "currency", "total", "paid", "persons", "lead_time", "length"),
    *("lead_time_hours", "length_hours", "placed", "start", "end"),
)
_GROUPS = ("line", "attributes", "customer", "consents")
_PARTS = ("weekday", "month", "day", "time")


def is_of_purchase(name: str) -> bool:
    """Whether it is settled with the purchase: nothing of a request, a result, or a later stage."""
    if name in _OF_PURCHASE:
        return True
    head, _, rest = name.partition(".")
    if head in ("placed", "start", "end"):
        return rest in _PARTS
    return head in _GROUPS and name != "line.status"


def not_of_purchase(names: Iterable[str]) -> str | None:
    """What is wrong with these names, if anything."""
    found = sorted(name for name in names if not is_of_purchase(name))
    if not found:
        return None
    return (
        f"{', '.join(found)} can't choose a policy: it takes facts of the purchase, such as kind, "
        "line.category, customer.group, total, placed.month or attributes.channel"
    )
