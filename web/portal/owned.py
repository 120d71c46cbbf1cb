"""The order or appointment that a page is about, and what is on its way with it."""

from starlette.responses import Response

from domain.subjects import Kind, SubjectRef
from use_cases import customers
from use_cases.customers import Customer
from use_cases.subject_views import PastCancellation, SubjectView
from web.portal.visit import PLURALS, Visit, go
from web.shared.pages import HEADERS
from web.shared.paths import ROOT

KINDS = {plural: kind for kind, plural in PLURALS.items()}
_ON_ITS_WAY = frozenset({"awaiting_approval", "undo_window", "working", "needs_attention"})


async def own_subject(
    visit: Visit, customer: Customer, plural: str, ref: str
) -> tuple[SubjectView, SubjectRef]:
    """Raises SubjectNotFound, also for what is no kind of subject."""
    kind = KINDS.get(plural)
    subject = SubjectRef(kind=kind or Kind.ORDER, id=ref if kind else "-")
    return await customers.get(visit.context, customer, subject, visit.languages), subject


def running(view: SubjectView) -> PastCancellation | None:
    """The cancellation that is on its way, if there is one."""
    return next((past for past in view.cancellations if past.state in _ON_ITS_WAY), None)


def lead_to(visit: Visit, path: str) -> Response:
    """Elsewhere; where the script asks for a part of a page, the whole page goes."""
    if not visit.is_fragment:
        return go(path)
    return Response(headers={**HEADERS, "HX-Redirect": f"{ROOT}{path}"})
