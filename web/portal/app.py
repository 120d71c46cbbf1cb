"""The customer's pages, as an application to be mounted beside the API."""

from collections.abc import Sequence

from fastapi import APIRouter, Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from domain.errors import RescindError
from web.portal import doorkeeper, edges, home, limits, preferences, resting, subjects
from web.portal.cancelling import choosing, exceptions, reviewing
from web.portal.doorkeeper import Doorkeeper
from web.portal.limits import TooMuch
from web.portal.portal import Portal
from web.portal.sign_in import accounts, entering, entrance, mailed_links
from web.portal.tracking import evidence, history, receipts, refund_choices, status
from web.portal.visit import FormRefused, SignInNeeded
from web.portal.withdrawing import declarations, guest, own

ROUTERS: Sequence[APIRouter] = (
    entering.router,
    mailed_links.router,
    accounts.router,
    preferences.router,
    home.router,
    history.router,
    receipts.router,
    refund_choices.router,
    status.router,
    evidence.router,
    subjects.router,
    guest.router,
    declarations.router,
    own.router,
    exceptions.router,
    choosing.router,
    reviewing.router,
)
"""Paths of the last four take any word as their first, so they come last."""

BEGINNING = (exceptions.router, choosing.router)
"""What leads to something new. Confirming it isn't among them: that may be a second click."""

_FAULTS = (
    *(FormRefused, RescindError, RequestValidationError, HTTPException),
    *(SQLAlchemyError, OSError, Exception),
)


def make_portal(portal: Portal) -> FastAPI:
    """Make the application; it is mounted at `web.shared.paths.ROOT`."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, redirect_slashes=False)
    app.state.portal = portal
    app.add_middleware(GZipMiddleware, compresslevel=6)
    app.router.routes.append(Route("/static/{name}", portal.assets.serve))
    for router in ROUTERS:
        beginning = [Depends(resting.check)] if router in BEGINNING else []
        app.include_router(router, dependencies=[Depends(limits.check_route), *beginning])
    for fault in _FAULTS:
        app.add_exception_handler(fault, edges.answer)
    app.add_exception_handler(SignInNeeded, entrance.answer_stranger)
    app.add_exception_handler(TooMuch, doorkeeper.answer_too_much)
    app.add_middleware(Doorkeeper, portal=portal)
    return app
