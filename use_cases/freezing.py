"""Which version of which policy a purchase keeps for good."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import PolicyNotFound
from domain.facts import Facts
from domain.policy.choice import Candidate, choose
from domain.policy.policy import Policy
from domain.policy.rights.grounds import Law, Rights
from domain.reports import NamedPolicy
from domain.subjects import Kind
from storage import policies, rights
from storage.facts import frozen_policy
from storage.policies import Conditional, PolicyRow


class Policies:
    """Policies read within one transaction, each once."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._named: dict[tuple[Kind, str | None, int | None, datetime], tuple[str, int]] = {}
        self._read: dict[tuple[str, int], tuple[Policy, dict[str, Any]]] = {}
        self._laws: dict[tuple[str, int], tuple[Law, ...]] = {}
        self._conditional: list[list[Conditional]] | None = None

    async def choose(
        self, kind: Kind, named: NamedPolicy | None, placed_at: datetime, facts: Callable[[], Facts]
    ) -> tuple[str, int]:
        """The policy named, else the most specific that applies, else the default of the kind.

        Its version is the one named, else that in force when the purchase was placed, else the
        earliest; what applies by a condition was in force. Raises PolicyNotFound, PolicyAmbiguous.
        """
        if named is None:
            candidates = await self._candidates(placed_at)
            found = choose(candidates, facts()) if candidates else None
            if found is not None:
                return found.policy.id, found.version
        name, version = (named.id, named.version) if named else (None, None)
        key = (kind, name, version, placed_at)
        if key not in self._named:
            self._named[key] = await self._by_name(kind, name, version, placed_at)
        return self._named[key]

    async def _candidates(self, at: datetime) -> list[Candidate]:
        """Of each policy the version in force then, if that says what it applies to."""
        if self._conditional is None:
            self._conditional = await policies.conditional(self._session)
        found = []
        for versions in self._conditional:
            current = next((each for each in versions if each.in_force_from <= at), None)
            if current is not None and current.has_condition:
                policy, _ = await self.read(current.policy_id, current.version)
                found.append(Candidate(policy, current.version, current.in_force_from))
        return found

    async def _by_name(
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

    async def rights(self, policy_id: str, version: int, at: datetime) -> Rights:
        """The policy with the laws that it names, as they are now."""
        policy, _ = await self.read(policy_id, version)
        key = (policy_id, version)
        if key not in self._laws:
            self._laws[key] = await rights.laws_of(self._session, policy, at)
        return Rights(policy, version, self._laws[key])
