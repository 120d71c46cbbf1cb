"""What routes ask for: the context of the use cases, and an actor with the scope it takes."""

from collections.abc import Awaitable, Callable
from typing import Annotated, cast

from fastapi import Depends, Header, Query, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from domain.errors import Unauthenticated
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.keys import KnownKeys
from use_cases.paging import LIMIT, MOST

_bearer = HTTPBearer(auto_error=False, description="An API key with the scopes a route names.")


def _context(request: Request) -> Context:
    return cast(Context, request.app.state.context)


async def _actor(
    request: Request,
    credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> Actor:
    if credentials is None:
        raise Unauthenticated("send an API key: Authorization: Bearer rsc_…")
    known = cast(KnownKeys, request.app.state.keys)
    return await known.actor(credentials.credentials)


def needs(scope: Scope) -> Callable[[Actor], Awaitable[Actor]]:
    """Make a dependency that lets only keys with this scope through, and names it."""

    async def check(actor: Annotated[Actor, Depends(_actor)]) -> Actor:
        actor.require(scope)
        return actor

    check.scope = scope  # type: ignore[attr-defined]
    return check


Ctx = Annotated[Context, Depends(_context)]

Reader = Annotated[Actor, Depends(needs(Scope.READ))]
Recorder = Annotated[Actor, Depends(needs(Scope.RECORDS))]
Canceller = Annotated[Actor, Depends(needs(Scope.CANCEL))]
Decider = Annotated[Actor, Depends(needs(Scope.DECIDE))]
Resolver = Annotated[Actor, Depends(needs(Scope.RESOLVE))]
Payer = Annotated[Actor, Depends(needs(Scope.MONEY))]
PolicyEditor = Annotated[Actor, Depends(needs(Scope.POLICIES))]
Importer = Annotated[Actor, Depends(needs(Scope.IMPORTS))]

Limit = Annotated[int, Query(ge=1, le=MOST, description="Rows on a page.")]
Cursor = Annotated[str | None, Query(max_length=300, description="`next` of the page before.")]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=200,
        description="Repeating a request with the same key and body changes nothing.",
    ),
]

DEFAULT_LIMIT = LIMIT
