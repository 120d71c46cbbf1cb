"""What we talk to besides: the mail server, and our own API at the address that others use."""

from urllib.parse import urlsplit

import httpx
from aiosmtplib import (
    SMTPAuthenticationError,
    SMTPConnectError,
    SMTPException,
    SMTPResponseException,
)

from notifications.smtp import Mailer
from runtime.doctor.findings import Finding, bounded, broken, fine, first_line, warning

_SMTP = "Look at SMTP_URL, and whether the mail server runs."
_API = "Start it: `rescind up`, or `rescind api` with its addresses set; or mend PUBLIC_URL."
_UNSET = "smtp://127.0.0.1:25"
"""What the worker falls back to."""


async def mail_server(url: str | None) -> Finding:
    return await bounded("smtp", _greet(url or _UNSET, is_set=bool(url)), _SMTP)


async def api(public_url: str) -> Finding:
    return await bounded("api", _ready(public_url.rstrip("/")), _API)


async def _greet(url: str, *, is_set: bool) -> Finding:
    """Say hello, encrypt and log in as for a mail, and leave without one."""
    try:
        mailer = Mailer(url)
    except ValueError as error:
        return broken("smtp", f"{error}.", "Mend SMTP_URL.")
    where = place(url) if is_set else f"{place(url)}, the default of SMTP_URL,"
    try:
        await mailer.check()
    except SMTPAuthenticationError as error:
        return broken("smtp", f"{where} refuses our log-in: {error.code}.", "Mend SMTP_URL's user.")
    except SMTPConnectError:
        return broken("smtp", f"Nothing answers at {where}.", _SMTP)
    except SMTPResponseException as error:
        return broken("smtp", f"{where} refuses us: {error.code}.", _SMTP)
    except (SMTPException, OSError) as error:
        return broken("smtp", f"{where} can't be used: {first_line(error)}", _SMTP)
    return fine("smtp", f"{where} takes mails.")


def place(url: str) -> str:
    """An address without its user, password and options."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{parts.hostname}{port}{parts.path}"


async def _ready(url: str) -> Finding:
    where = place(url)
    try:
        async with httpx.AsyncClient(timeout=5) as client:
            answer = await client.get(f"{url}/health/ready")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return broken("api", f"{where} does not answer: {type(error).__name__}.", _API)
    try:
        parts = answer.json()
        told = {name: parts[name] for name in ("database", "temporal")}
    except (ValueError, KeyError, TypeError):
        says = f"{where}/health/ready answers {answer.status_code} and is no Rescind."
        return broken("api", says, "Mend PUBLIC_URL, or the proxy before it.")
    out = [name for name, standing in told.items() if standing != "ok"]
    if out:
        says = f"The API at {where} can't reach its {' and its '.join(out)}."
        return broken("api", says, "See the lines on these; read the API's log.")
    if answer.is_error:
        return warning("api", f"{where} answers {answer.status_code}.", "Read the API's log.")
    return fine("api", f"Ready at {where}.")
