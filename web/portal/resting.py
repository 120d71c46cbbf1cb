"""Pages that begin something new aren't shown while there is maintenance."""

from use_cases import maintenance
from web.portal.visitors import AnyVisit


async def check(visit: AnyVisit) -> None:
    """Raises Maintenance before anybody chooses in vain."""
    await maintenance.check_now(visit.context)
