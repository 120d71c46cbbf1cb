"""What all pages share: where they live, who sends their mails, how they look."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import quote

from starlette.responses import Response

from use_cases.context import Context
from use_cases.streams import Streams
from web.portal.identity import Identity
from web.portal.tally import Tally
from web.shared import languages
from web.shared.assets import Assets
from web.shared.pages import Pages
from web.shared.paths import ROOT
from web.shared.signing import Signing
from web.shared.theme import Theme

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

    def leave_secret(
        self, answer: Response, name: str, secret: str, life: timedelta, path: str = ""
    ) -> None:
        """Leave it with the browser, for pages below `path` alone, out of reach of scripts and of
        what other sites send."""
        answer.set_cookie(
            self.cookie(name),
            secret,
            max_age=int(life.total_seconds()),
            path=f"{ROOT}{path}",
            secure=self.is_secure,
            httponly=True,
            samesite="lax",
        )
