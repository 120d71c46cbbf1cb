"""Which version of which policy a purchase keeps for good."""

from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import PolicyNotFound
from domain.policy.policy import Policy
from domain.reports import NamedPolicy
from domain.subjects import Kind
from storage import policies
from storage.facts import frozen_policy
from storage.policies import PolicyRow


class Policies:
    """Policies read within one transaction, each once."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._chosen: dict[tuple[Kind, str | None, int | None, datetime], tuple[str, int]] = {}
        self._read: dict[tuple[str, int], tuple[Policy, dict[str, Any]]] = {}

    async def choose(
        self, kind: Kind, named: NamedPolicy | None, placed_at: datetime
    ) -> tuple[str, int]:
        """The policy named, else the default of the kind; its version named, else that in force
        when the purchase was placed, else the earliest. Raises PolicyNotFound."""
        name, version = (named.id, named.version) if named else (None, None)
        key = (kind, name, version, placed_at)
        if key not in self._chosen:
            self._chosen[key] = await self._choose(kind, name, version, placed_at)
        return self._chosen[key]

    async def _choose(
        self, kind: Kind, name: str | None, version: int | None, placed_at: datetime
    ) -> tuple[str, int]:
        name = name or await policies.default_for(self._session, kind)
        if name is None:
            raise PolicyNotFound(f"no policy is the default for an {kind}, and none is named")
        policy = await self._session.get(PolicyRow, name)
        if policy is None or kind not in policy.kinds:
            raise PolicyNotFound(f"there is no policy {name} for an {kind}")
        if version is not None:
            found = await policies.find_version(self._session, name, version)
        else:
            found = await policies.in_force(self._session, name, placed_at)
        if found is None:
            raise PolicyNotFound(f"there is no such version of policy {name}")
        return name, found.version

    async def read(self, policy_id: str, version: int) -> tuple[Policy, dict[str, Any]]:
        """The document and the merchant's settings for it."""
        key = (policy_id, version)
        if key not in self._read:
            self._read[key] = await frozen_policy(self._session, policy_id, version)
        return self._read[key]
