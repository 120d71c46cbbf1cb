"""How a customer wants to be written to: which mails they can do without, and in which language."""

from collections.abc import Collection

from domain.values import Value
from storage import preferences
from use_cases.context import Context
from use_cases.customers import Customer


class Preferences(Value):
    """`unwanted` are templates of mails. Of the others nobody has said anything yet."""

    language: str | None = None
    zone: str | None = None
    unwanted: frozenset[str] = frozenset()


async def get(context: Context, customer: Customer) -> Preferences:
    async with context.sessions() as session:
        row = await preferences.find(session, customer.ref, customer.email)
    if row is None:
        return Preferences()
    return Preferences(language=row.language, zone=row.zone, unwanted=frozenset(row.unwanted))


async def keep(
    context: Context,
    customer: Customer,
    *,
    language: str | None,
    zone: str | None,
    unwanted: Collection[str],
) -> None:
    """Keep them in place of those before."""
    async with context.sessions.begin() as session:
        await preferences.keep(
            session,
            customer.ref,
            customer.email,
            language=language,
            zone=zone,
            unwanted=unwanted,
            at=context.clock(),
        )
