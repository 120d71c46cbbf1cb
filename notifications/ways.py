"""Commands that a mail to the business names, exactly as they are to be typed."""

from uuid import UUID

from domain.attention import Choice
from notifications.reader import Reader

_COMMANDS = {
    Choice.RETRY: "rescind refunds retry {id}",
    Choice.APPROVE: "rescind refunds approve {id}",
    Choice.DECLINE: "rescind refunds decline {id}",
    Choice.STORE_CREDIT: "rescind refunds credit {id}",
    Choice.SETTLE_BY_HAND: 'rescind refunds pay {id} --reference "..."',
    Choice.SKIP: 'rescind refunds waive {id} --reason "..."',
}
"""A payment by hand is told once it was made, so that making it a person's task has no command."""


def answers(reader: Reader) -> list[tuple[str, str]]:
    """A yes and a no to a cancellation that waits for one."""
    id_ = reader.news.cancellation_id
    return [
        (reader.say("answer_yes"), f"rescind approve {id_}"),
        (reader.say("answer_no"), f"rescind decline {id_}"),
    ]


def files(reader: Reader) -> list[tuple[str, str]]:
    """How to save the files that came with a request."""
    id_ = reader.news.cancellation_id
    return [(reader.say("files_save"), f"rescind evidence {id_} --to evidence")]


def refund_answers(reader: Reader) -> list[tuple[str, str]]:
    """A yes and a no to a request for a refund."""
    return _told(reader, reader.news.request_id, (Choice.APPROVE, Choice.DECLINE))


def of_case(reader: Reader) -> list[tuple[str, str]]:
    """How to see a cancellation, which names its ways out."""
    seen = f"rescind show cancellation {reader.news.cancellation_id}"
    return [(reader.word("way", "show"), seen)]


def of_refund(reader: Reader) -> list[tuple[str, str]]:
    """How to see a refund, and each way out that it has as it stands."""
    id_ = reader.news.refund_id
    seen = (reader.word("way", "show"), f"rescind refunds show {id_}")
    offered = (choice for choice in _COMMANDS if choice in reader.news.choices)
    return [seen, *_told(reader, id_, tuple(offered))]


def _told(reader: Reader, id_: UUID | None, choices: tuple[Choice, ...]) -> list[tuple[str, str]]:
    return [(reader.word("way", each), _COMMANDS[each].format(id=id_)) for each in choices]
