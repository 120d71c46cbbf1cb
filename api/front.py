"""The bare address: people are led to their pages, programs learn that nothing is there."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from web.shared.paths import ROOT


def leading_to(home: str) -> APIRouter:
    """Lead whoever reads HTML to `home`, a path; so the proxy's name for us stays."""
    router = APIRouter(include_in_schema=False)

    @router.get(ROOT)
    async def pages() -> Response:
        return RedirectResponse(home)

    @router.get("/")
    async def front(request: Request) -> Response:
        if "text/html" not in request.headers.get("accept", ""):
            raise HTTPException(404)
        return RedirectResponse(home, headers={"Vary": "Accept"})

    return router
