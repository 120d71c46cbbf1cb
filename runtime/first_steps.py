"""What a newcomer may try first on the example business: pages to open, lines to paste."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.lifecycle import SubjectState
from domain.subjects import Kind, SubjectRef
from runtime import links, seeds
from runtime.settings import Settings
from storage.database import make_engine, make_sessions
from storage.subjects import SubjectRow

_REASONS = {Kind.ORDER: "changed_mind", Kind.APPOINTMENT: "illness"}
_CANDIDATES = {
    Kind.ORDER: ("1042", "1045", "1056"),
    Kind.APPOINTMENT: ("A-2001", "A-2005", "A-2011", "A-2012", "A-2010"),
}
"""Each of them can be cancelled while it is new; the first one best shows what happens."""


_USUAL: Path = Settings.model_fields["data"].default
"""Commands look there where nothing else is said."""


async def untried(settings: Settings) -> list[tuple[Kind, str]]:
    """The first order and the first appointment that nobody has tried to cancel yet."""
    engine = make_engine(settings.database_url or "", connections=2)
    try:
        async with make_sessions(engine)() as session:
            free = await _free(session, datetime.now(UTC))
    finally:
        await engine.dispose()
    firsts = (
        (kind, next((one for one in ids if one in free), None)) for kind, ids in _CANDIDATES.items()
    )
    return [(kind, id_) for kind, id_ in firsts if id_]


async def _free(session: AsyncSession, now: datetime) -> set[str]:
    until = SubjectRow.cancellable_until
    names = [id_ for ids in _CANDIDATES.values() for id_ in ids]
    rows = await session.scalars(
        select(SubjectRow.ref).where(
            SubjectRow.ref.in_(names),
            SubjectRow.cancellation_state == SubjectState.NONE,
            or_(until.is_(None), until > now),
        )
    )
    return set(rows)


async def pages(settings: Settings, untried: Sequence[tuple[Kind, str]]) -> list[str]:
    """The links to these, as their customer gets them by mail."""
    engine = make_engine(settings.database_url or "", connections=2)
    try:
        async with make_sessions(engine)() as session:
            subjects = [SubjectRef(kind=kind, id=id_) for kind, id_ in untried]
            return [await links.link(settings, session, subject) for subject in subjects]
    finally:
        await engine.dispose()


def lines(
    api: str, data: Path, untried: Sequence[tuple[Kind, str]], pages: Sequence[str] = ()
) -> Iterator[str]:
    """The pages to open and the requests to paste; none where everything was tried, or the example
    isn't there."""
    if not untried:
        return
    if pages:
        yield "Open as a customer, in a browser:"
        for (kind, id_), page in zip(untried, pages, strict=True):
            yield f"  {f'{kind.capitalize()} {id_}':18} {page}"
        yield ""
    head = f'curl -s {api}/v1/cancellations -H "Authorization: Bearer $KEY"'
    yield f"Or ask by the API (all keys are in {seeds.key_file(data)}):"
    yield f"  KEY={seeds.read_keys(data).get('admin', '…')}"
    for kind, id_ in untried:
        body = '{"subject": {"kind": "%s", "id": "%s"}, "reason": {"code": "%s"}}'
        asked = body % (kind, id_, _REASONS[kind])
        yield f"  {head} -H 'Content-Type: application/json' -d '{asked}'"
    kind, id_ = untried[0]
    elsewhere = "" if data == _USUAL.absolute() else f"RESCIND_DATA={shlex.quote(str(data))} "
    yield f"  {elsewhere}.venv/bin/rescind show {kind} {id_}"
