"""One visit of a page: who comes, in which language, and what they may reach."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.message import EmailMessage
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any, cast
from urllib.parse import quote
from uuid import UUID

from fastapi import Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from domain.subjects import Kind, SubjectRef
from storage import belongings, portal
from use_cases.context import Context
from use_cases.customers import Customer
from use_cases.streams import Streams
from web.portal.identity import Identity
from web.portal.tally import Tally
from web.portal.withdrawal_labels import Labels, labels_of
from web.shared import languages
from web.shared.assets import Assets
from web.shared.fields import Fields
from web.shared.pages import HEADERS, Pages, Words
from web.shared.paths import ROOT
from web.shared.signing import Signing
from web.shared.theme import Theme

SESSION, LANGUAGE, ZONE, SCHEME = "rescind", "language", "zone", "scheme"
CLOCK = "clock"
"""Cookies: the session's secret, what a visitor prefers, and the zone that their device has."""

SESSION_LIFE = timedelta(hours=12)
PLURALS = {Kind.ORDER: "orders", Kind.APPOINTMENT: "appointments"}


class SignInNeeded(Exception):
    """Nobody is signed in, or no longer."""


class FormRefused(Exception):
    """A form that wasn't sent from one of this session's own pages."""


Post = Callable[[EmailMessage], Awaitable[None]]
"""Sends a mail. Raises MailRefused or MailUnsent."""


@dataclass(frozen=True)
class Portal:
    """What all pages share, made once for an application.

    `desk` is where the business reads, in `desk_language`. `offers_withdrawal` says whether the way
    to withdraw from a contract is shown to everybody; on an order it always is, where a law holds.
    `identity` is the merchant's identity provider, None without one. All limits are `leniency`
    times as high.
    """

    context: Context
    streams: Streams
    signing: Signing
    theme: Theme
    post: Post
    sender: str
    public_url: str
    desk: str = ""
    desk_language: str = languages.SOURCE
    offers_withdrawal: bool = True
    reschedule_url: str = ""
    identity: Identity | None = None
    leniency: int = 1
    tally: Tally = field(init=False, default_factory=Tally)

    def reschedule_link(self, appointment_id: str) -> str:
        """Where an appointment is moved: `reschedule_url` with {id} filled in."""
        return self.reschedule_url.replace("{id}", quote(appointment_id, safe=""))

    def __post_init__(self) -> None:
        assets = Assets(ROOT, self.theme)
        object.__setattr__(self, "assets", assets)
        folder = Path(__file__).parent / "templates"
        object.__setattr__(self, "pages", Pages(folder, assets, self.theme, ROOT))

    assets: Assets = field(init=False)
    pages: Pages = field(init=False)

    @property
    def is_secure(self) -> bool:
        """Whether cookies may be kept to encrypted connections: not so on this machine alone."""
        return self.public_url.startswith("https:")

    def cookie(self, name: str) -> str:
        """A cookie's name. With the prefix browsers take it from encrypted pages alone, so that
        nobody on an unencrypted one can put theirs in its place (RFC 6265bis)."""
        return f"__Secure-{name}" if self.is_secure else name


@dataclass(frozen=True)
class Visit:
    """`customer` and `session_id` are None for somebody who has not signed in."""

    portal: Portal
    request: Request
    words: Words
    scheme: str
    customer: Customer | None = None
    session_id: UUID | None = None

    @property
    def context(self) -> Context:
        return self.portal.context

    @property
    def has_session(self) -> bool:
        """Whether the browser says that it has one; it may be over."""
        return self.portal.cookie(SESSION) in self.request.cookies

    @property
    def languages(self) -> list[str]:
        return [self.words.language]

    @property
    def withdrawal(self) -> Labels:
        """The labels of the way to withdraw, which no catalogue has."""
        return labels_of(self.words.language)

    @property
    def form_token(self) -> str:
        return self.portal.signing.form(self.session_id) if self.session_id else ""

    @property
    def is_fragment(self) -> bool:
        """Whether a part of the page is asked for, by the script that runs on it."""
        return self.request.headers.get("hx-request") == "true"

    def show(
        self,
        template: str,
        *,
        status: HTTPStatus = HTTPStatus.OK,
        headers: Mapping[str, str] = {},
        **facts: Any,
    ) -> HTMLResponse:
        return self.portal.pages.show(
            template, self.words, status=status, headers=headers, visit=self, **facts
        )

    async def fields(self) -> Fields:
        """The fields of the form that was sent."""
        return Fields((await self.request.form()).multi_items())

    async def check_form(self, fields: Fields | None = None) -> None:
        """Let in only what this session's own pages sent. Raises FormRefused."""
        token = (fields or await self.fields()).one("form_token")
        if self.session_id is None or not self.portal.signing.is_form_of(self.session_id, token):
            raise FormRefused


def go(path: str) -> RedirectResponse:
    """To a page that may be loaded again without doing anything again."""
    return RedirectResponse(f"{ROOT}{path}", HTTPStatus.SEE_OTHER, headers=HEADERS)


def own_path(path: str, otherwise: str = "/") -> str:
    """A path below ours, as an address may name it; whatever else is named leads elsewhere."""
    is_ours = path.startswith("/") and not path.startswith("//") and "\\" not in path
    return path if is_ours and path.isprintable() else otherwise


def path_of(subject: SubjectRef) -> str:
    return f"/{PLURALS[subject.kind]}/{subject.id}"


async def visit_of(request: Request) -> Visit:
    """Anybody's visit. A form from another site is refused whoever sends it."""
    if request.method == "POST" and not _is_from_here(request):
        raise FormRefused
    visit = await _signed_in(_stranger(request))
    request.state.visitor = visit
    return visit


def visit_known(request: Request) -> Visit:
    """A visit as far as it was looked up already: for pages that tell of a fault, where nobody is
    refused and the database asked nothing."""
    known: Visit | None = getattr(request.state, "visitor", None)
    return known or _stranger(request)


def _stranger(request: Request) -> Visit:
    """A visit by what the browser tells of itself."""
    portal_ = cast(Portal, request.app.state.portal)
    tags = languages.accepted(request.headers.get("accept-language"))
    language = languages.choose(request.cookies.get(LANGUAGE), *tags)
    zone = request.cookies.get(ZONE) or request.cookies.get(CLOCK)
    words = Words(language, zone, portal_.context.zone, tags)
    scheme = request.cookies.get(SCHEME, "")
    return Visit(portal_, request, words, scheme if scheme in ("light", "dark") else "")


async def _signed_in(visit: Visit) -> Visit:
    """The same visit, as its customer's if its session is one that holds."""
    secret = visit.request.cookies.get(visit.portal.cookie(SESSION))
    if not secret:
        return visit
    async with visit.context.sessions() as session:
        row = await portal.find_session(session, secret, visit.context.clock())
        if row is None:
            return visit
        customer = Customer(ref=row.customer_ref, email=row.email)
        has_chosen = visit.request.cookies.get(ZONE)
        known = None if has_chosen else await belongings.zone_of(session, customer.owner)
    words = visit.words.in_zone(known) if known else visit.words
    return replace(visit, words=words, customer=customer, session_id=row.id)


def _is_from_here(request: Request) -> bool:
    """Browsers say where a form comes from; one that says nothing is judged by its token."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("origin")
    public_url = cast(Portal, request.app.state.portal).public_url
    is_public = origin is not None and f"{public_url}/".startswith(f"{origin}/")
    host = request.headers.get("host")
    return origin is None or is_public or origin.partition("://")[2] == host


async def _any(request: Request) -> Visit:
    return await visit_of(request)


async def _own(visit: Annotated[Visit, Depends(_any)]) -> tuple[Visit, Customer]:
    if visit.customer is None:
        raise SignInNeeded
    return visit, visit.customer


AnyVisit = Annotated[Visit, Depends(_any)]
OwnVisit = Annotated[tuple[Visit, Customer], Depends(_own)]
