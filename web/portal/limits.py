"""How often one caller may do something, so that nobody gets anywhere by trying.

Counts stand in the database, so that all processes share them. What somebody has used up is also
remembered by the process, so that going on trying costs it nothing.
"""

import hashlib
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from starlette.requests import HTTPConnection

from storage import portal
from use_cases.customers import Customer
from web.portal.portal import Portal
from web.portal.visit import Visit
from web.portal.visitors import AnyVisit

log = logging.getLogger(__name__)

SPAN = timedelta(minutes=15)
"""Counts are those of one span of this length."""


class By(StrEnum):
    """Whom a limit holds for. A stranger's customer is their network."""

    NETWORK = "network"
    CUSTOMER = "customer"
    NAMED = "named"


class Limit(NamedTuple):
    """`is_shared` is False for what is asked so often that each process counts for itself."""

    name: str
    most: int
    by: By = By.CUSTOMER
    is_shared: bool = True


MISSES = Limit("misses", 60, By.NETWORK)
"""Answers that say: no such thing, not yours, no longer, not from here."""

LINKS = Limit("links", 20, By.NETWORK)
LINKS_FOR_ONE = Limit("links for one number", 5, By.NAMED)
LOOKS = Limit("looks", 60, By.NETWORK, is_shared=False)
"""Who comes, looked up for a page that turns them away."""

OPENINGS = Limit("openings", 120, By.NETWORK)
DECLARATIONS = Limit("declarations", 20, By.NETWORK)
DECLARATIONS_FOR_ONE = Limit("declarations for one number", 5, By.NAMED)
OWN_DECLARATIONS = Limit("own declarations", 20)
EXCEPTIONS = Limit("exceptions", 10)
REVIEWS = Limit("reviews", 60)
CONFIRMATIONS = Limit("confirmations", 30)
FORMS = Limit("forms", 120)
PAPERS = Limit("papers", 60, is_shared=False)
PREVIEWS = Limit("previews", 600, is_shared=False)

ON_ROUTES: Mapping[tuple[str, str], Limit] = {
    ("POST", "/enter"): LINKS,
    ("GET", "/open/{token}"): OPENINGS,
    ("POST", "/withdraw/confirm"): DECLARATIONS,
    ("POST", "/{plural}/{ref}/withdraw/confirm"): OWN_DECLARATIONS,
    ("POST", "/{plural}/{ref}/exception"): EXCEPTIONS,
    ("POST", "/{plural}/{ref}/cancel"): REVIEWS,
    ("POST", "/{plural}/{ref}/confirm"): CONFIRMATIONS,
    ("GET", "/cancellations/{cancellation_id}/receipt.pdf"): PAPERS,
    ("GET", "/credit-notes/{number}.pdf"): PAPERS,
    ("GET", "/cancellations/{cancellation_id}/evidence/{number}"): PAPERS,
    ("GET", "/{plural}/{ref}/cancel"): PREVIEWS,
    ("GET", "/{plural}/{ref}/exception"): PREVIEWS,
    ("GET", "/{plural}/{ref}/withdraw"): PREVIEWS,
}
"""Each form that isn't named here counts among FORMS."""


class TooMuch(Exception):
    """Somebody has used up a limit; `wait` is how long it lasts, in whole seconds."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"too much for another {wait} seconds")
        self.wait = wait


async def check_route(visit: AnyVisit) -> None:
    """Count a visit where its route has a limit. Raises TooMuch."""
    route = getattr(visit.request.scope.get("route"), "path", "")
    usual = FORMS if visit.request.method == "POST" else None
    if limit := ON_ROUTES.get((visit.request.method, route), usual):
        await count(visit, limit)


async def count(visit: Visit, limit: Limit, named: str = "") -> None:
    """Count once more against a limit, by `named` where it goes by that. Raises TooMuch."""
    who = named if limit.by is By.NAMED else _caller(visit, limit.by)
    if wait := await counted(visit.portal, limit, who):
        raise TooMuch(wait)


async def counted(portal_: Portal, limit: Limit, who: str) -> int:
    """Count once more, and say how long it is too much now, in seconds: 0 if it isn't."""
    bucket, since = _bucket(limit, who), _beginning(portal_.context.clock())
    if wait := wait_of(portal_, limit, who):
        return wait
    if limit.is_shared:
        async with portal_.context.sessions.begin() as session:
            tried = await portal.count_try(session, bucket, since)
    else:
        tried = portal_.tally.of(bucket, since) + 1
    portal_.tally.put(bucket, since, tried)
    wait = wait_of(portal_, limit, who)
    if wait:
        log.warning("too much for now: %s", limit.name)
    return wait


def wait_of(portal_: Portal, limit: Limit, who: str) -> int:
    """How many seconds a limit that is known to be used up lasts, 0 for any other."""
    now = portal_.context.clock()
    since = _beginning(now)
    most = limit.most * portal_.leniency
    if portal_.tally.of(_bucket(limit, who), since) <= most:
        return 0
    return int((since + SPAN - now).total_seconds()) + 1


def network_of(connection: HTTPConnection) -> str:
    """Whom the network says it is. With IPv6 one caller has a whole /64 of addresses."""
    host = connection.client.host if connection.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host
    if not isinstance(address, IPv6Address):
        return host
    return str(address.ipv4_mapped or ip_network((address, 64), strict=False))


def name_of(customer: Customer) -> str:
    """Whom a customer's limits hold for, however many sessions they have."""
    return f"{customer.ref or ''}\n{customer.email or ''}"


def _caller(visit: Visit, by: By) -> str:
    if by is By.NETWORK or visit.customer is None:
        return network_of(visit.request)
    return name_of(visit.customer)


def _beginning(now: datetime) -> datetime:
    seconds = SPAN.total_seconds()
    return datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC)


def _bucket(limit: Limit, who: str) -> str:
    """Whom a count is about stands in it as a hash only."""
    return f"{limit.name}:{hashlib.sha256(who.encode()).hexdigest()[:32]}"
