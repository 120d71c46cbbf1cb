"""Who a key belongs to."""

import time

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.errors import Unauthenticated
from storage import keys
from use_cases.actors import Actor, Scope

_TRUST = 5.0
"""Seconds for which a key that was found is not looked up again: how late a revocation bites."""

_REMEMBERED = 1_000
_SCOPES = frozenset(scope.value for scope in Scope)


class KnownKeys:
    """Keys seen a moment ago, so that a busy caller costs no query each time."""

    def __init__(self, sessions: async_sessionmaker[AsyncSession]) -> None:
        self._sessions = sessions
        self._known: dict[str, tuple[float, Actor]] = {}

    async def actor(self, secret: str) -> Actor:
        """Who has this secret. Raises Unauthenticated."""
        digest = keys.hash_secret(secret)
        until, actor = self._known.get(digest, (0.0, None))
        if actor is None or time.monotonic() >= until:
            actor = await self._look_up(secret)
            self._remember(digest, actor)
        return actor

    async def _look_up(self, secret: str) -> Actor:
        async with self._sessions() as session:
            row = await keys.find(session, secret)
        if row is None:
            raise Unauthenticated("this key is not known, or no longer")
        scopes = frozenset(Scope(scope) for scope in row.scopes if scope in _SCOPES)
        return Actor(id=f"key:{row.id}", scopes=scopes)

    def _remember(self, digest: str, actor: Actor) -> None:
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[digest] = (time.monotonic() + _TRUST, actor)
