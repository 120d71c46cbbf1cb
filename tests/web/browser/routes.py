"""The addresses of the portal that are read, each with its page in PAGES or why it has none."""

import re
from collections.abc import Mapping

from fastapi.routing import APIRoute

from web.portal.app import ROUTERS
from web.shared.paths import ROOT

SHOWN: Mapping[str, str] = {
    "/": "home",
    "/enter": "enter",
    "/open/{token}": "link_expired",
    "/once/{secret}": "once",
    "/preferences": "preferences",
    "/history": "history",
    "/orders/{order_id}": "an_order",
    "/appointments/{appointment_id}": "an_appointment",
    "/{plural}/{ref}/cancel": "choose",
    "/{plural}/{ref}/review": "review",
    "/{plural}/{ref}/exception": "exception",
    "/cancellations/{cancellation_id}": "paid",
    "/cancellations/{cancellation_id}/receipt": "receipt_of_cancellation",
    "/withdraw": "withdraw",
    "/withdraw/confirm": "confirm",
    "/{plural}/{ref}/withdraw": "withdraw_own",
    "/{plural}/{ref}/withdraw/confirm": "confirm_own",
    "/withdrawals/{withdrawal_id}": "receipt",
}

NO_PAGES: Mapping[str, str] = {
    "/cancellations/{cancellation_id}/live": "the stream that moves the page of a cancellation",
    "/cancellations/{cancellation_id}/receipt.pdf": "a file",
    "/cancellations/{cancellation_id}/evidence/{number}": "a file, which the customer sent",
    "/credit-notes/{number}.pdf": "a file",
    "/withdrawals/{withdrawal_id}/receipt": "a file",
    "/sign-in": "leads to the identity provider",
    "/sign-in/back": "leads back from it",
}


def read() -> set[str]:
    """Every address that a browser may ask for."""
    routes = (route for router in ROUTERS for route in router.routes)
    return {
        route.path
        for route in routes
        if isinstance(route, APIRoute) and "GET" in (route.methods or ())
    }


def is_at(route: str, path: str) -> bool:
    """Whether a path is one of this route's."""
    return re.fullmatch(ROOT + re.sub(r"\{\w+\}", "[^/]+", route), path) is not None
