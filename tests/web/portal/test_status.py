"""Where a cancellation stands, told truthfully."""

import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update

from domain.attention import Waits
from domain.contracts import Cause
from domain.lifecycle import CancellationState, RefundState
from domain.requests import Initiator, Right
from domain.subjects import Handling, Kind, SubjectRef
from storage.cancellations import CancellationRow
from storage.notifications import NotificationRow, NotificationState
from tests.web.conftest import Pages
from tests.web.portal.asking import cancelled, fields, until
from use_cases.views import CancellationView, GivenReason, RefundView, Status
from web.portal.tracking.timeline import SLOW, Mark, Name, Step, steps
from web.shared.paths import ROOT

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


async def test_the_title_says_how_it_stands_and_the_reference_can_be_copied(pages: Pages) -> None:
    visitor, here = await cancelled(pages, await pages.shop.order("asks"))
    page = (await visitor.get(here)).text
    assert "<title>A person looks at it · Order" in page
    assert '<h1 id="kind">Request for a cancellation</h1>' in page
    assert f">{here.rpartition('/')[2][:8].upper()}</code>" in page
    assert "Without an answer by then nothing is cancelled" in page
    await visitor.post(f"{here}/undo", data=fields(await visitor.get(here)))
    page = (await until(visitor, here, "You took it back.")).text
    assert "<title>Taken back · Order" in page


async def test_what_is_read_aloud_is_apart_from_what_moves(pages: Pages) -> None:
    visitor, here = await cancelled(pages, await pages.shop.order())
    page = (await until(visitor, here, "It is cancelled.")).text
    said, _, moving = page.partition('<div id="moving">')
    assert said.count('role="status"') == 1
    assert 'role="status"' not in moving
    assert 'data-title="Cancelled · Order' in said
    assert "Look again" in moving


async def test_the_page_says_whether_its_mail_went_out(pages: Pages) -> None:
    visitor, here = await cancelled(pages, await pages.shop.order())
    page = (await until(visitor, here, "We mailed")).text
    assert re.search(r"We mailed <bdi dir=\"ltr\">ada@example.com</bdi> \(\w+", page)
    async with pages.shop.context.sessions.begin() as session:
        await session.execute(update(NotificationRow).values(state=NotificationState.PARKED))
    assert "Our mail could not reach" in (await visitor.get(here)).text


async def test_one_that_was_put_back_says_that_nothing_changed_and_offers_another_try(
    pages: Pages,
) -> None:
    order = await pages.shop.order("asks")
    visitor, here = await cancelled(pages, order)
    await visitor.post(f"{here}/undo", data=fields(await visitor.get(here)))
    await until(visitor, here, "You took it back.")
    async with pages.shop.context.sessions.begin() as session:
        row = await session.get_one(CancellationRow, UUID(here.rpartition("/")[2]))
        row.state, row.cause = CancellationState.RESTORED, Cause.REFUND_REJECTED
    page = (await visitor.get(here)).text
    assert "The payment provider refused the refund." in page
    assert f'href="{ROOT}/orders/{order.id}/cancel?chosen=1' in page


def test_a_bank_s_days_are_a_step_of_their_own() -> None:
    refund = _refund(RefundState.SUCCEEDED, expected_by=NOW.date() + timedelta(days=3))
    told = steps(_view(refund), NOW)
    assert [(step.name, step.mark) for step in told[-2:]] == [
        (Name.REFUND, Mark.DONE),
        (Name.BANK, Mark.NOW),
    ]
    later = steps(_view(refund), NOW + timedelta(days=4))
    assert later[-1].mark is Mark.DONE


@pytest.mark.parametrize("handling", [Handling.LEDGER, Handling.MANUAL])
def test_where_no_bank_books_it_there_is_no_such_step(handling: Handling) -> None:
    told = steps(_view(_refund(RefundState.SUCCEEDED, handling=handling)), NOW)
    assert told[-1].name is Name.REFUND


def test_what_takes_longer_than_usual_is_told_only_while_we_try() -> None:
    sending = _refund(RefundState.REQUESTED)
    waiting = _refund(RefundState.OWED, attention=Waits.CUSTOMER)
    late = NOW + SLOW + timedelta(seconds=1)
    assert [_step(sending, at).is_slow for at in (NOW + SLOW, late)] == [False, True]
    assert not _step(waiting, late).is_slow
    assert not _step(_refund(RefundState.SUCCEEDED), late).is_slow


def _step(refund: RefundView, at: datetime) -> Step:
    return next(step for step in steps(_view(refund), at) if step.name is Name.REFUND)


def _view(refund: RefundView) -> CancellationView:
    return CancellationView(
        id=uuid4(),
        subject=SubjectRef(kind=Kind.ORDER, id="1"),
        state=Status.CANCELLED,
        initiator=Initiator.CUSTOMER,
        right=Right.CONTRACT,
        asker="c1",
        reason=GivenReason(code=None, note=None),
        currency="EUR",
        refunds=(refund,),
        requested_at=NOW,
        received_at=NOW,
        decided_at=NOW,
        ended_at=NOW,
    )


def _refund(
    state: RefundState,
    *,
    handling: Handling = Handling.PROVIDER,
    attention: str | None = None,
    expected_by: date | None = None,
) -> RefundView:
    return RefundView(
        id=uuid4(),
        tender="t",
        method="card",
        handling=handling,
        form="original",
        timing=None,
        amount_minor=100,
        currency="EUR",
        state=state,
        failure=None,
        attention=attention,
        expected_by=expected_by,
        settled_at=None,
    )
