"""What follows a choice in the making: the answer, its amounts, and the ways to have them back."""

from typing import Any

from domain.subjects import SubjectRef
from use_cases import terms
from use_cases.customers import Customer
from use_cases.intake import Asked
from use_cases.subject_views import SubjectView
from use_cases.terms import Terms
from web.portal.cancelling.ways import chosen_way, ways_of
from web.portal.choice import Choice
from web.portal.explained import explain
from web.portal.spoken import speaker_of
from web.portal.visit import Visit
from web.portal.waiting import answer_by


async def followed(
    own: tuple[Visit, Customer], view: SubjectView, known: Terms, chosen: Choice
) -> dict[str, Any]:
    """All that follows the choice: the answer, its amounts, and the ways to have them back."""
    visit, customer = own
    speaker = speaker_of(visit.words, view, known.sentences)
    facts: dict[str, Any] = {"view": view, "chosen": chosen, "odd": chosen.odd, "ways": ()}
    facts |= {"wording": known.wording}
    if not chosen.quantities or chosen.odd:
        return facts | explain(speaker, None) | {"answer_by": None}
    asked = _previewed(chosen.asked(SubjectRef(kind=view.kind, id=view.id)))
    found = await terms.refund_methods(visit.context, customer.actor, asked)
    ways = ways_of(found, speaker)
    way = chosen_way(ways, chosen)
    facts |= {"ways": ways, "way": way, "answer_by": answer_by(visit, view, way.decision)}
    return facts | explain(speaker, way.decision)


def _previewed(asked: Asked) -> Asked:
    """A choice in the making: a reason whose note isn't written yet is no fault so far."""
    return asked.model_copy(update={"note": "-" if asked.reason else None})
