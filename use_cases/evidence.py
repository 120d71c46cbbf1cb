"""Files that a customer sent with a request: keeping them, and handing them out again."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import EvidenceFull, EvidenceNotFound
from domain.evidence import MOST_KEPT
from domain.values import Value
from storage import evidence, requests
from storage.evidence import EvidenceRow
from use_cases.context import Context


@dataclass(frozen=True)
class SentFile:
    """A file that was looked at: `media_type` is what its content says, `digest` names that.

    `read` gives the content when it is wanted, so that not all files are in memory at once.
    """

    name: str
    media_type: str
    digest: str
    read: Callable[[], Awaitable[bytes]]


class FileView(Value):
    """A file as it is listed. `number` names it for good; `size` is in bytes."""

    number: int
    name: str
    media_type: str
    size: int
    received_at: datetime

    @classmethod
    def of(cls, row: EvidenceRow) -> "FileView":
        return cls(**{name: getattr(row, name) for name in cls.model_fields})


class KeptFile(Value):
    name: str
    media_type: str
    content: bytes

    @property
    def headers(self) -> Mapping[str, str]:
        """With what it is handed out: to be saved, never to be shown or run, whatever is in it
        (RFC 6266, RFC 8187)."""
        plain = "".join(
            sign if sign.isascii() and sign not in '"\\%' else "_" for sign in self.name
        )
        named = f"filename=\"{plain}\"; filename*=UTF-8''{quote(self.name, safe='')}"
        return {
            "Cache-Control": "no-store",
            "Content-Disposition": f"attachment; {named}",
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "Cross-Origin-Resource-Policy": "same-origin",
            "X-Content-Type-Options": "nosniff",
        }


async def keep(
    session: AsyncSession,
    subject_id: UUID,
    request_id: UUID,
    files: Sequence[SentFile],
    at: datetime,
) -> None:
    """Keep files with a request that is being written down. Raises EvidenceFull."""
    if not files:
        return
    kept = await evidence.count_of_subject(session, subject_id)
    if kept + len(files) > MOST_KEPT:
        raise EvidenceFull(f"{kept} files are kept already, {MOST_KEPT} may be", kept=kept)
    for file in files:
        content = await file.read()
        await evidence.keep(session, request_id, file.name, file.media_type, content, at)


async def of_cancellation(context: Context, cancellation_id: UUID) -> list[FileView]:
    """What is still kept with it, also by requests that joined it, in the order it came in.

    Raises CancellationNotFound.
    """
    async with context.sessions() as session:
        await requests.get(session, cancellation_id)
        rows = await evidence.of_cancellation(session, cancellation_id)
        return [FileView.of(row) for row in rows]


async def get(context: Context, cancellation_id: UUID, number: int) -> KeptFile:
    """Raises EvidenceNotFound, also for a file of another cancellation."""
    async with context.sessions() as session:
        row = await evidence.find(session, cancellation_id, number)
    if row is None:
        raise EvidenceNotFound(f"cancellation {cancellation_id} has no file {number}")
    return KeptFile(name=row.name, media_type=row.media_type, content=row.content)
