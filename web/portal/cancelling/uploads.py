"""Forms that bring files along: read as they arrive, with a bound to everything."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

from starlette.datastructures import FormData, UploadFile
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from domain.evidence import HEAD, MOST_BYTES, MOST_FILES, kept_name, media_type, shown_name
from use_cases.evidence import SentFile
from web.portal.visit import FormRefused
from web.shared.fields import Fields

MOST_BODY = MOST_FILES * MOST_BYTES + 1_000_000
"""Bytes of a form that are looked at. What comes after them is read and thrown away, so that the
browser gets to the answer; fields that stand before the files are known by then."""

MOST_READ = 100_000_000
"""Bytes after which nothing more is read: whoever sends that much may miss the answer."""

_MOST_PLAIN = 1_000_000
"""Bytes of a form without files: it is all in memory."""

_MOST_PARTS, _MOST_FIELDS, _MOST_OF_FIELD = 100, 2_500, 64 * 1024


class Faulty(NamedTuple):
    """Why a file can't be taken: too_many, too_large, too_much (all together), empty, unknown."""

    code: str
    name: str = ""


class Upload(NamedTuple):
    """`is_cut`: more came than is looked at, so there may be more files than these."""

    fields: Fields
    files: Sequence[UploadFile]
    is_cut: bool = False

    @property
    def has_files(self) -> bool:
        return self.is_cut or bool(self.files)

    async def faults(self) -> list[Faulty]:
        if self.is_cut:
            return [Faulty("too_much")]
        if len(self.files) > MOST_FILES:
            return [Faulty("too_many")]
        return [fault for file in self.files if (fault := await _fault(file))]

    async def sent(self) -> list[SentFile]:
        """The files as they are to be kept; none of them has a fault."""
        return [await _sent(file) for file in self.files]


class _Parser(MultiPartParser):
    spool_max_size = 64 * 1024
    """What is larger goes to a file on disk that has no name."""


@asynccontextmanager
async def received(request: Request) -> AsyncIterator[Upload]:
    """The form that was sent, for as long as its files are open. Raises FormRefused for what no
    page of ours sends."""
    body = _Body(request)
    try:
        form = await body.parser().parse()
    except MultiPartException:
        raise FormRefused from None
    try:
        yield Upload(Fields(form.multi_items()), _files(form), body.is_cut)
    finally:
        await form.close()


class _Body:
    """`is_cut` once more has come than is looked at."""

    def __init__(self, request: Request) -> None:
        self.request = request
        self.is_cut = False

    def parser(self) -> FormParser | MultiPartParser:
        headers = self.request.headers
        if not headers.get("content-type", "").startswith("multipart/form-data"):
            return FormParser(headers, self._looked_at(_MOST_PLAIN))
        return _Parser(
            headers,
            self._looked_at(MOST_BODY),
            max_files=_MOST_PARTS,
            max_fields=_MOST_FIELDS,
            max_part_size=_MOST_OF_FIELD,
        )

    async def _looked_at(self, most: int) -> AsyncGenerator[bytes, None]:
        read = 0
        async for chunk in self.request.stream():
            read += len(chunk)
            self.is_cut = read > most
            if not self.is_cut:
                yield chunk
            if read > MOST_READ:
                return


def _files(form: FormData) -> Sequence[UploadFile]:
    """A browser sends a field without a file as a file without a name."""
    files = (value for _, value in form.multi_items() if isinstance(value, UploadFile))
    return [file for file in files if file.filename or file.size]


async def _fault(file: UploadFile) -> Faulty | None:
    name = shown_name(file.filename or "")
    if not file.size:
        return Faulty("empty", name)
    if file.size > MOST_BYTES:
        return Faulty("too_large", name)
    return None if await _kind(file) else Faulty("unknown", name)


async def _kind(file: UploadFile) -> str | None:
    await file.seek(0)
    return media_type(await file.read(HEAD))


async def _sent(file: UploadFile) -> SentFile:
    kind = await _kind(file)
    assert kind is not None

    async def read() -> bytes:
        await file.seek(0)
        return await file.read()

    digest = await asyncio.to_thread(_digest, file)
    return SentFile(kept_name(file.filename or "", kind), kind, digest, read)


def _digest(file: UploadFile) -> str:
    file.file.seek(0)
    digest = hashlib.sha256()
    while chunk := file.file.read(1024 * 1024):
        digest.update(chunk)
    return digest.hexdigest()
