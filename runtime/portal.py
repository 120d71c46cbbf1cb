"""The customer's pages of an installation: what signs their links, and how they look."""

import os
import secrets
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncSession

from domain.subjects import SubjectRef
from notifications.smtp import Mailer
from runtime.errors import StartupError
from runtime.settings import Settings
from storage import subjects
from use_cases.context import Context
from use_cases.streams import Streams
from web.portal.visit import ROOT, Portal
from web.shared.signing import Signing
from web.shared.theme import Theme


def kept_secret(data: Path) -> str:
    """The secret of this data folder, made at the first start and readable by its owner only."""
    file = _file(data)
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text().strip()
    with os.fdopen(descriptor, "w") as output:
        output.write(secrets.token_hex(32))
    return file.read_text().strip()


def signing_of(settings: Settings) -> Signing | None:
    """None without a secret: then there are no pages, as nobody could come in.

    One that isn't set is that of the data folder, if `rescind up` has made one there.
    """
    told = settings.portal_secret.get_secret_value()
    if not told and _file(settings.data).exists():
        told = kept_secret(settings.data)
    parts = [part.strip() for part in told.split(",") if part.strip()]
    return Signing(parts) if parts else None


def _file(data: Path) -> Path:
    return data / "portal.key"


async def link(settings: Settings, session: AsyncSession, subject: SubjectRef) -> str:
    """The address that opens a subject as its customer. Raises SubjectNotFound, StartupError."""
    signing = signing_of(settings)
    if signing is None:
        raise StartupError("PORTAL_SECRET is not set, so there are no pages for customers.")
    row = await subjects.get(session, subject)
    return f"{settings.public_url.rstrip('/')}{ROOT}/open/{signing.link(row.id)}"


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
        desk=settings.business_email,
        offers_withdrawal=settings.portal_withdrawal,
    )
