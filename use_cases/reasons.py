"""The catalogue of reasons."""

from domain.reasons import Reason
from domain.subjects import Kind
from domain.values import Value
from storage import reasons
from use_cases.context import Context

DEFAULT_LANGUAGE = "en"


class OfferedReason(Value):
    """A reason as somebody who reads these languages sees it."""

    code: str
    label: str
    language: str
    note_required: bool


async def list_reasons(
    context: Context, kind: Kind | None, languages: list[str]
) -> list[OfferedReason]:
    """The reasons to choose from, in the business's order, in the first language that has one."""
    async with context.sessions() as session:
        offered = await reasons.offered(session, kind)
    return [in_words(reason, languages) for reason in offered]


async def keep_reason(context: Context, reason: Reason) -> Reason:
    """Add a reason or change it. A retired one stays on old cancellations."""
    async with context.sessions.begin() as session:
        await reasons.keep(session, reason, context.clock())
    return reason


def in_words(reason: Reason, languages: list[str]) -> OfferedReason:
    """A reason in the first of these languages that it has."""
    language = _language(reason, languages)
    return OfferedReason(
        code=reason.code,
        label=reason.labels.get(language, reason.code),
        language=language,
        note_required=reason.note_required,
    )


def _language(reason: Reason, languages: list[str]) -> str:
    """The first language asked for that has a label, itself or its base; else English, else any."""
    tags = {tag.lower(): tag for tag in reason.labels}
    for wanted in (*languages, DEFAULT_LANGUAGE):
        for tag in (wanted.lower(), wanted.split("-")[0].lower()):
            if tag in tags:
                return tags[tag]
    return next(iter(reason.labels), DEFAULT_LANGUAGE)
