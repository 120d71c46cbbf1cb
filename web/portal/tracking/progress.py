"""The moving part of a cancellation's page, and how it is told live."""

import secrets
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from domain.contracts import Cause
from notifications import catalogue
from notifications.speaker import Speaker
from use_cases.customers import Customer
from use_cases.standings import Standing
from use_cases.stream_views import Sign
from use_cases.views import CancellationView, Status
from web.portal.portal import Portal
from web.portal.spoken import speaker_of
from web.portal.tracking.timeline import steps
from web.portal.visit import Visit
from web.shared.event_stream import RETRY, RETRY_ENDED
from web.shared.pages import Words

_CAN_BE_UNDONE = frozenset({Status.RECEIVED, Status.AWAITING_APPROVAL, Status.UNDO_WINDOW})

_TOKEN = secrets.token_hex(32)
"""Where each session's own form token goes. It is nobody's, never sent, and can't be guessed, so
nothing that a person typed can hold it."""


def moving_part(portal: Portal, words: Words, now: Standing) -> dict[str, Any]:
    """All that the moving part says but the form token: nothing of it is of one session alone."""
    speaker = speaker_of(words, now.subject)
    return {
        "view": now.subject,
        "seen": now.seen,
        "steps": steps(now.seen, portal.context.clock()),
        "why": _why(speaker, now.seen),
        "timing": lambda refund: refund.timing and catalogue.timing(speaker.tag, refund.timing),
        "can_undo": now.seen.state in _CAN_BE_UNDONE,
        "papers": now.papers,
    }


async def told_live(
    visit: Visit, customer: Customer, standings: AsyncGenerator[Standing | Sign, None]
) -> AsyncGenerator[bytes, None]:
    """Pieces of the stream to one session. What looks as before isn't sent again."""
    told = b""
    async with aclosing(standings):
        async for now in standings:
            if isinstance(now, Sign):
                yield _sign(now)
            elif not customer.owner.is_also(now.owner):
                yield _sign(Sign.BYE)
                return
            elif (event := _event(visit.portal, visit.words, now)) != told:
                told = event
                yield event.replace(_TOKEN.encode(), visit.form_token.encode())


def _sign(sign: Sign) -> bytes:
    if sign is Sign.QUIET:
        return KEEPALIVE_COMMENT
    retry = RETRY_ENDED if sign is Sign.END else RETRY
    return format_sse_event(event=sign, data_str="-", retry=retry)


def _event(portal: Portal, words: Words, now: Standing) -> bytes:
    """The moving part, made once for all who read alike."""
    made = now.made.get(words.alike)
    if made is None:
        facts = moving_part(portal, words, now)
        html = portal.pages.render("live.html", words, form_token=_TOKEN, **facts)
        made = format_sse_event(event="progress", data_str=html, retry=RETRY)
        now.made[words.alike] = made
    return made


def _why(speaker: Speaker, seen: CancellationView) -> Sequence[str]:
    """Why it came out so: the rules' own sentences where it was the rules, else the cause."""
    if seen.cause and seen.cause != Cause.RULES:
        return [speaker.word("cause", seen.cause)]
    said = (speaker.sentence(code) for code in seen.codes)
    return list(dict.fromkeys(sentence for sentence in said if sentence))
