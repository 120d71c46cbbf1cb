"""Writing one mail that was planned, or saying why it is not to be sent."""

from email.headerregistry import Address
from email.message import EmailMessage

from activities.news import Case, tell
from activities.places import Places
from activities.request_news import RequestCase, tell_request
from domain.lifecycle import CancellationState
from notifications import mail
from notifications.news import DISPENSABLE, Audience, News, Template
from notifications.render import is_written, render
from storage.notifications import NotificationRow

UNWANTED = "unwanted"
"""Why a mail is left out that its reader can do without."""

_UNDECIDED = (CancellationState.AWAITING_APPROVAL, CancellationState.NEEDS_ATTENTION)


def write(
    row: NotificationRow,
    case: Case | RequestCase,
    places: Places,
    sender: Address,
    business: Address | None,
) -> EmailMessage | str:
    """Write a mail, or say in one word why it is not to be sent."""
    is_business = row.audience == Audience.BUSINESS
    subject = case.subject
    to = business if is_business else mail.address(subject.customer_email, subject.customer_name)
    if not is_written(row.template, row.audience):
        return "no_template"
    if not is_business and _is_unwanted(row, case):
        return UNWANTED
    if _is_outdated(row, case):
        return "outdated"
    if to is None:
        return "bad_address" if not is_business and subject.customer_email else "no_address"
    is_request = isinstance(case, RequestCase)
    return mail.build(
        render(_news(row, case, places), places.look),
        sender=sender,
        recipient=to,
        reply_to=None if is_business else business,
        message_id=row.message_id,
        about=case.request.id,
        is_request=is_request,
        at=row.created_at,
    )


def _news(row: NotificationRow, case: Case | RequestCase, places: Places) -> News:
    if isinstance(case, RequestCase):
        return tell_request(row, case, places)
    return tell(row, case, places)


def _is_unwanted(row: NotificationRow, case: Case | RequestCase) -> bool:
    unwanted = case.preferences.unwanted if case.preferences else ()
    return row.template in DISPENSABLE and row.template in unwanted


def _is_outdated(row: NotificationRow, case: Case | RequestCase) -> bool:
    """Whether it asks for a decision that was made meanwhile."""
    if isinstance(case, RequestCase) or row.template != Template.NEEDS_YOU:
        return False
    return case.cancellation.state not in _UNDECIDED
