"""How each thing a stream says is written."""

from fastapi.sse import KEEPALIVE_COMMENT, format_sse_event

from api.schemas import CancellationAnswer
from api.subjects import SubjectAnswer
from use_cases.stream_views import Message, Sign, Snapshot
from use_cases.subject_views import SubjectView
from use_cases.views import CancellationView, EventView
from web.shared.event_stream import RETRY, RETRY_ENDED


def piece(message: Message) -> bytes:
    match message:
        case Sign.QUIET:
            return KEEPALIVE_COMMENT
        case Sign():
            retry = RETRY_ENDED if message is Sign.END else RETRY
            return format_sse_event(event=message, data_str="{}", retry=retry)
        case Snapshot(view=view, after=after):
            data = _answer(view)
            return format_sse_event(event="snapshot", data_str=data, id=str(after), retry=RETRY)
        case EventView():
            data = message.model_dump_json()
            return format_sse_event(event=message.type, data_str=data, id=str(message.sequence))
        case CancellationView():
            return format_sse_event(event="status", data_str=_answer(message))


def _answer(view: SubjectView | CancellationView) -> str:
    """The same JSON as the answer to `GET`."""
    if isinstance(view, SubjectView):
        return SubjectAnswer.of(view).model_dump_json()
    return CancellationAnswer.of(view).model_dump_json()
