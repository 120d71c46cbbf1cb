"""What both ways of withdrawing share: the second step, and taking the declaration."""

from uuid import UUID

from starlette.background import BackgroundTask
from starlette.responses import Response

from domain.decisions import Decision
from domain.subjects import SubjectRef
from use_cases import withdrawals
from use_cases.intake import AskedLine
from use_cases.subject_views import SubjectView
from use_cases.withdrawals import Statement
from web.portal.explained import explain
from web.portal.spoken import speaker_of
from web.portal.visit import FormRefused, Visit, go, path_of
from web.portal.withdrawing import drafts, papers, statements
from web.portal.withdrawing.statements import Filled
from web.shared.fields import id_told


def show_confirm(
    visit: Visit,
    filled: Filled,
    statement_id: UUID,
    view: SubjectView | None = None,
    decision: Decision | None = None,
    *,
    is_kept: bool = True,
) -> Response:
    """`is_kept` says that the page has an address to come back to."""
    return visit.show(
        "withdraw_confirm.html",
        view=view,
        filled=filled,
        items=statements.chosen_lines(view, filled) if view else [],
        statement_id=statement_id,
        seal=visit.portal.signing.form(statement_id),
        is_kept=is_kept,
        action=f"{path_of(ref_of(view))}/withdraw" if view else "/withdraw",
        **(explain(speaker_of(visit.words, view), decision) if view else {"decision": None}),
    )


async def take(
    visit: Visit, statement: Statement, items: papers.Items, holder: str | None
) -> Response:
    """Take a declaration. Its draft, and what else its `holder` had of it, is dropped."""
    at = visit.context.clock()
    written = papers.write(visit, statement, items, at)
    await withdrawals.declare(visit.context, statement, at, written)
    await drafts.drop(visit, holder, statement.number)
    answer = go(f"/withdrawals/{statement.id}")
    answer.background = BackgroundTask(
        withdrawals.send_letters, visit.context, visit.portal.post, statement.id
    )
    return answer


async def declared(visit: Visit, statement_id: UUID | None) -> Response | None:
    """The way to the receipt, for who comes back to what they have confirmed."""
    if statement_id is None or await withdrawals.find(visit.context, statement_id) is None:
        return None
    return go(f"/withdrawals/{statement_id}")


def statement_of(
    visit: Visit, statement_id: UUID, filled: Filled, subject: SubjectRef | None
) -> Statement:
    return Statement(
        id=statement_id,
        name=filled.name,
        email=filled.email,
        number=filled.number,
        part=filled.part,
        subject=subject,
        lines=lines_of(filled),
        language=visit.words.language,
    )


def lines_of(filled: Filled) -> tuple[AskedLine, ...]:
    return tuple(AskedLine(id=id_, quantity=n) for id_, n in filled.quantities.items())


def ref_of(view: SubjectView) -> SubjectRef:
    return SubjectRef(kind=view.kind, id=view.id)


def sealed_id(visit: Visit, told: str, seal: str) -> UUID:
    """The id that the page was given, which makes a second click the same declaration.

    Raises FormRefused for one that wasn't given here.
    """
    statement_id = id_told(told)
    if statement_id is None or not visit.portal.signing.is_form_of(statement_id, seal):
        raise FormRefused
    return statement_id
