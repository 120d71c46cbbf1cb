"""What signs the links to customers' pages, and how mails and people get such a link."""

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.subjects import SubjectRef
from runtime.errors import StartupError
from runtime.settings import Settings
from storage import subjects
from web.shared.paths import ROOT
from web.shared.signing import Signing


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


def page_of(settings: Settings) -> Callable[[UUID], str] | None:
    """How mails name a subject's page; None without pages."""
    signing = signing_of(settings)
    if signing is None:
        return None
    root = f"{settings.public_url.rstrip('/')}{ROOT}/open/"
    return lambda subject_id: root + signing.link(subject_id)


def _file(data: Path) -> Path:
    return data / "portal.key"


async def link(settings: Settings, session: AsyncSession, subject: SubjectRef) -> str:
    """The address that opens a subject as its customer. Raises SubjectNotFound, StartupError."""
    signing = signing_of(settings)
    if signing is None:
        raise StartupError("PORTAL_SECRET is not set, so there are no pages for customers.")
    row = await subjects.get(session, subject)
    return f"{settings.public_url.rstrip('/')}{ROOT}/open/{signing.link(row.id)}"
