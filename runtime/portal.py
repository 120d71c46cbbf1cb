"""The customer's pages of an installation: what signs their links, and how they look."""

import os
import secrets
from pathlib import Path

from notifications.smtp import Mailer
from runtime.settings import Settings
from use_cases.context import Context
from use_cases.streams import Streams
from web.portal.visit import Portal
from web.shared.signing import Signing
from web.shared.theme import Theme


def kept_secret(data: Path) -> str:
    """The secret of this data folder, made at the first start and readable by its owner only."""
    file = data / "portal.key"
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as output:
        output.write(secrets.token_hex(32))
    return file.read_text().strip()


def signing_of(settings: Settings) -> Signing | None:
    """None without a secret: then there are no pages, as nobody could come in."""
    told = settings.portal_secret.get_secret_value()
    parts = [part.strip() for part in told.split(",") if part.strip()]
    return Signing(parts) if parts else None


def make(context: Context, streams: Streams, settings: Settings) -> Portal | None:
    signing = signing_of(settings)
    if signing is None:
        return None
    theme = Theme(
        name=settings.portal_name,
        brand=settings.portal_brand,
        corners=settings.portal_corners,
        logo=settings.portal_logo,
        contact=settings.portal_contact or f"mailto:{settings.business_email}",
    )
    mailer = Mailer(settings.smtp_url or "smtp://127.0.0.1:25")
    return Portal(
        context,
        streams,
        signing,
        theme,
        post=mailer.send,
        sender=settings.mail_from,
        public_url=settings.public_url.rstrip("/"),
    )
