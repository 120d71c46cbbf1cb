"""Mails of a cancellation, from rows in a real database to a real mail server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from activities.notifications import MailSettings, Notifications
from domain.contracts import Mailing
from domain.decisions import ApprovalTerms, Decision, Finding, LineAmount, Outcome, TenderAmount
from domain.errors import MailUnsent
from domain.lifecycle import CancellationState, RefundState, SubjectState
from domain.requests import Initiator, Right
from domain.subjects import Handling, Kind, LineKind
from notifications.smtp import Mailer
from runtime import ports
from storage import events, notifications, policies, preferences
from storage.cancellations import CancellationRow
from storage.decisions import DecisionRow
from storage.notifications import NotificationRow, NotificationState
from storage.reasons import ReasonRow
from storage.refunds import RefundRow
from storage.requests import RequestRow, RequestState
from storage.subjects import LineRow, SubjectRow
from tests.mail import MailServer

Sessions = async_sessionmaker[AsyncSession]

AT = datetime(2026, 3, 3, 13, 30, tzinfo=UTC)
SETTINGS = MailSettings(
    sender="Example shop <shop@shop.example>",
    business="Desk <desk@shop.example>",
    public_url="http://127.0.0.1:8080",
)
BOTH = ("customer", "business")


@pytest.fixture
async def steps(sessions: Sessions, mail_server: MailServer) -> AsyncIterator[Notifications]:
    mailer = Mailer(mail_server.url)
    yield Notifications(sessions, mailer, SETTINGS)
    await mailer.close()


async def test_both_mails_arrive_and_are_noted_as_sent(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", BOTH)
    await steps.send_notifications(_step(case))
    assert mail_server.recipients == [["desk@shop.example"], ["ada@customer.example"]]
    business, customer = mail_server.messages
    assert customer["Subject"] == "Ein Teil Ihrer Bestellung O-1 ist storniert"
    assert customer["Content-Language"] == "de"
    assert customer["Reply-To"] == "Desk <desk@shop.example>"
    assert business["Subject"] == "Part of order O-1 cancelled"
    text = _text(customer)
    assert "2 × Tasse <blau>" in text
    assert "Kreditkarte: 27,50\xa0€, innerhalb von 5 bis 7 Werktagen" in text
    assert "Grund: Nicht mehr nötig" in text
    assert {row.state for row in await _rows(sessions)} == {NotificationState.SENT}


async def test_the_note_is_for_the_business_alone(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", BOTH)
    await steps.send_notifications(_step(case))
    business, customer = (_all(message) for message in mail_server.messages)
    assert "my own words" in business
    assert "&lt;i&gt;" in business
    assert "my own words" not in customer
    assert "/v1/cancellations/" not in customer


async def test_a_repeat_sends_nothing_and_a_repeat_after_a_crash_sends_the_same_mail(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", ["customer"])
    await steps.send_notifications(_step(case))
    await steps.send_notifications(_step(case))
    assert len(mail_server.messages) == 1
    async with sessions.begin() as session:
        (row,) = await session.scalars(select(NotificationRow))
        row.state, row.claimed_at = NotificationState.DUE, datetime.now(UTC) - timedelta(minutes=3)
    await steps.send_notifications(_step(case))
    first, second = mail_server.messages
    assert first["Message-ID"] == second["Message-ID"] == row.message_id
    assert first["Date"].datetime == second["Date"].datetime == AT
    assert _text(first) == _text(second)


async def test_a_temporary_no_raises_and_the_next_attempt_sends(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", BOTH)
    mail_server.reply = "451 4.7.1 ada@customer.example comes too often"
    with pytest.raises(MailUnsent, match=r"451 4\.7\.1; 451 4\.7\.1") as unsent:
        await steps.send_notifications(_step(case))
    assert "ada" not in str(unsent.value)
    assert unsent.value.__cause__ is None
    assert {(row.state, row.failure) for row in await _rows(sessions)} == {
        (NotificationState.DUE, "451 4.7.1")
    }
    mail_server.reply = None
    await steps.send_notifications(_step(case))
    assert len(mail_server.messages) == 2
    assert {(row.state, row.attempts, row.failure) for row in await _rows(sessions)} == {
        (NotificationState.SENT, 2, None)
    }


async def test_what_went_out_before_a_failure_stays_sent(
    sessions: Sessions, mail_server: MailServer
) -> None:
    class Choosy(MailServer):
        async def handle_RCPT(self, *said: Any) -> str:
            self.reply = "451 later" if said[3].startswith("ada") else None
            return await super().handle_RCPT(*said)

    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", BOTH)
    async with Choosy.running() as server:
        mailer = Mailer(server.url)
        with pytest.raises(MailUnsent):
            await Notifications(sessions, mailer, SETTINGS).send_notifications(_step(case))
        await mailer.close()
    mailer = Mailer(mail_server.url)
    await Notifications(sessions, mailer, SETTINGS).send_notifications(_step(case))
    await mailer.close()
    assert server.recipients == [["desk@shop.example"]]
    assert mail_server.recipients == [["ada@customer.example"]]


async def test_a_permanent_no_parks_that_mail_with_its_reason_and_is_no_error(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", ["customer"])
    mail_server.reply = "550 5.1.1 no ada@customer.example here"
    await steps.send_notifications(_step(case))
    (row,) = await _rows(sessions)
    assert (row.state, row.failure) == (NotificationState.PARKED, "refused: 550 5.1.1")
    (event,) = await _events(sessions, case)
    assert event.type == "notification_parked"
    assert event.data == {
        "notification_id": str(row.id),
        "template": "cancelled",
        "audience": "customer",
        "reason": "refused: 550 5.1.1",
    }


async def test_no_server_raises_and_nothing_is_lost(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", BOTH)
    nobody = Mailer(f"smtp://{ports.LOOPBACK}:{ports.any_free()[0]}")
    with pytest.raises(MailUnsent):
        await Notifications(sessions, nobody, SETTINGS).send_notifications(_step(case))
    assert {row.state for row in await _rows(sessions)} == {NotificationState.DUE}
    await steps.send_notifications(_step(case))
    assert len(mail_server.messages) == 2


@pytest.mark.parametrize(
    ("email", "reason"), [(None, "no_address"), ("ada at home", "bad_address")]
)
async def test_without_an_address_the_customers_mail_is_parked_and_the_other_sent(
    sessions: Sessions,
    steps: Notifications,
    mail_server: MailServer,
    email: str | None,
    reason: str,
) -> None:
    case = await _a_cancelled_order(sessions, customer_email=email)
    await _plan(sessions, case, "cancelled", BOTH)
    await steps.send_notifications(_step(case))
    assert mail_server.recipients == [["desk@shop.example"]]
    parked = [row for row in await _rows(sessions) if row.state is NotificationState.PARKED]
    assert [(row.audience, row.failure) for row in parked] == [("customer", reason)]


async def test_two_attempts_at_once_send_once(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", BOTH)
    results = await asyncio.gather(
        *(steps.send_notifications(_step(case)) for _ in range(5)), return_exceptions=True
    )
    assert len(mail_server.messages) == 2
    assert all(result is None or isinstance(result, MailUnsent) for result in results)
    assert None in results
    await steps.send_notifications(_step(case))
    assert len(mail_server.messages) == 2


async def test_a_claim_of_an_attempt_at_work_is_respected_until_it_is_old(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", ["customer"])
    now = datetime.now(UTC)
    async with sessions.begin() as session:
        claimed, others = await notifications.claim(session, case, now, timedelta(minutes=2))
    assert (len(claimed), others) == (1, False)
    with pytest.raises(MailUnsent, match="another attempt"):
        await steps.send_notifications(_step(case))
    assert mail_server.messages == []
    async with sessions.begin() as session:
        later = now + timedelta(minutes=2)
        claimed, others = await notifications.claim(session, case, later, timedelta(minutes=2))
    assert (len(claimed), others) == (1, False)


async def test_parking_leaves_what_is_due_to_a_person_and_touches_nothing_else(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "received", ["customer"])
    await steps.send_notifications(_step(case))
    await _plan(sessions, case, "cancelled", BOTH)
    await steps.park_notifications(_step(case))
    await steps.park_notifications(_step(case))
    states = sorted((row.template, row.state.value) for row in await _rows(sessions))
    assert states == [("cancelled", "parked"), ("cancelled", "parked"), ("received", "sent")]
    recorded = await _events(sessions, case)
    assert [event.data["reason"] for event in recorded] == ["gave_up", "gave_up"]
    await steps.send_notifications(_step(case))
    assert len(mail_server.messages) == 1


async def test_a_mail_on_its_way_while_it_is_parked_ends_as_sent(sessions: Sessions) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "cancelled", ["customer"])
    async with sessions.begin() as session:
        claimed, _ = await notifications.claim(session, case, AT, timedelta(minutes=2))
        assert await notifications.park(session, claimed[0].id, "gave_up")
        await notifications.give_back(session, claimed[0].id, "451")
        assert not await notifications.park(session, claimed[0].id, "gave_up")
    assert [row.state for row in await _rows(sessions)] == [NotificationState.PARKED]
    async with sessions.begin() as session:
        await notifications.mark_sent(session, [claimed[0].id], AT)
    assert [row.state for row in await _rows(sessions)] == [NotificationState.SENT]


async def test_who_has_to_decide_reads_the_deadline_and_not_after_it_was_decided(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    waiting = {"approval_until": AT + timedelta(days=1)}
    case = await _a_cancelled_order(
        sessions, state=CancellationState.AWAITING_APPROVAL, cancellation=waiting
    )
    await _plan(sessions, case, "needs_you", ["business"])
    await steps.send_notifications(_step(case))
    (message,) = mail_server.messages
    text = " ".join(_text(message).split())
    assert "Please answer by Wednesday, March 4, 2026, 2:30 PM" in text
    assert "Without an answer it counts as approved." in text
    assert "- The request came at short notice." in text
    late = await _a_cancelled_order(sessions, ref="O-2")
    await _plan(sessions, late, "needs_you", ["business"])
    await steps.send_notifications(_step(late))
    assert len(mail_server.messages) == 1
    assert [row.failure for row in await _rows(sessions) if row.failure] == ["outdated"]


async def test_a_mail_nobody_wrote_is_parked(sessions: Sessions, steps: Notifications) -> None:
    case = await _a_cancelled_order(sessions)
    await _plan(sessions, case, "birthday", ["customer"])
    await _plan(sessions, case, "attention", ["customer"])
    await steps.send_notifications(_step(case))
    assert {(row.state, row.failure) for row in await _rows(sessions)} == {
        (NotificationState.PARKED, "no_template")
    }


async def test_what_waits_for_a_person_is_told_by_step_without_a_decision_too(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    stuck = {"attention": "update_status", "attention_failure": "disk on fire"}
    case = await _a_cancelled_order(
        sessions, state=CancellationState.NEEDS_ATTENTION, cancellation=stuck, decided=False
    )
    await _plan(sessions, case, "attention", ["business"])
    await steps.send_notifications(_step(case))
    text = _text(mail_server.messages[0])
    assert "It stopped here: booking the cancellation" in text
    assert "What was reported: disk on fire" in text


async def test_a_name_cannot_add_a_header_and_a_title_no_tag(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions, customer_name="Ada\r\nBcc: all@evil.example")
    await _plan(sessions, case, "cancelled", ["customer"])
    await steps.send_notifications(_step(case))
    (message,) = mail_server.messages
    assert message["Bcc"] is None
    assert mail_server.recipients == [["ada@customer.example"]]
    html = message.get_body(("html",))
    assert html is not None
    assert "Tasse &lt;blau&gt;" in html.get_content()


async def test_nothing_due_is_nothing_to_do(sessions: Sessions) -> None:
    nobody = Mailer(f"smtp://{ports.LOOPBACK}:{ports.any_free()[0]}")
    steps = Notifications(sessions, nobody, SETTINGS)
    await steps.send_notifications(Mailing(about=uuid4(), at=AT))
    await steps.park_notifications(Mailing(about=uuid4(), at=AT))


def test_a_sender_that_is_no_address_is_noticed_at_the_start(sessions: Sessions) -> None:
    settings = SETTINGS.model_copy(update={"sender": "nobody"})
    with pytest.raises(ValueError, match="sender"):
        Notifications(sessions, Mailer("smtp://localhost"), settings)


def _step(case: UUID) -> Mailing:
    return Mailing(about=case, at=AT)


def _all(message: EmailMessage) -> str:
    """What both parts of a mail say."""
    parts = (message.get_body((kind,)) for kind in ("plain", "html"))
    return "\n".join(part.get_content() for part in parts if part is not None)


def _text(message: Any) -> str:
    text: str = message.get_body(("plain",)).get_content()
    return text


async def _rows(sessions: Sessions) -> list[NotificationRow]:
    async with sessions() as session:
        return list(await session.scalars(select(NotificationRow)))


async def _events(sessions: Sessions, case: UUID) -> list[events.EventRow]:
    async with sessions() as session:
        return await events.of_cancellation(session, case)


async def test_a_mail_speaks_the_words_of_the_policy_it_was_bought_under(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(
        sessions, state=CancellationState.DECLINED, cancellation={"cause": "rules"}, decided=False
    )
    own = {"gone": {"en": "It left this morning.", "de": "Es ist schon weg."}}
    async with sessions.begin() as session:
        document: dict[str, object] = {"id": "shop", "title": "Shop", "sentences": own}
        await policies.keep(
            session, "shop", document, ["order"], is_default=False, at=AT, actor="test"
        )
        refused = Decision(
            outcome=Outcome.DECLINED, codes=(Finding(code="gone"),), rule="rules[0]",
            policy_id="shop", policy_version=1, currency="EUR", decided_at=AT,
        )  # fmt: skip
        session.add(_decision(case, refused))
    await _plan(sessions, case, "declined", BOTH)
    await steps.send_notifications(_step(case))
    business, customer = (_text(message) for message in mail_server.messages)
    assert "It left this morning." in business
    assert "Es ist schon weg." in customer


async def test_a_customer_reads_in_the_language_they_chose_and_not_what_they_can_do_without(
    sessions: Sessions, steps: Notifications, mail_server: MailServer
) -> None:
    case = await _a_cancelled_order(sessions)
    async with sessions.begin() as session:
        await preferences.keep(
            session, None, "Ada@Customer.example",
            language="fr", zone=None, unwanted=["received", "cancelled"], at=AT,
        )  # fmt: skip
    await _plan(sessions, case, "received", BOTH)
    await _plan(sessions, case, "cancelled", ["customer"])
    await steps.send_notifications(_step(case))
    (customer,) = [mail for mail in mail_server.messages if "ada@" in str(mail["To"])]
    assert customer["Content-Language"] == "fr"
    assert len(mail_server.messages) == 2
    told = {(row.template, row.audience): row.state for row in await _rows(sessions)}
    assert told["received", "customer"] is NotificationState.NEEDLESS
    assert told["cancelled", "customer"] is NotificationState.SENT


async def _plan(sessions: Sessions, case: UUID, template: str, audiences: Any) -> None:
    async with sessions.begin() as session:
        row = await session.get_one(CancellationRow, case)
        await notifications.plan(session, row.subject_id, case, template, audiences, AT)


async def _a_cancelled_order(
    sessions: Sessions,
    *,
    ref: str = "O-1",
    state: CancellationState = CancellationState.CANCELLED,
    cancellation: dict[str, Any] | None = None,
    decided: bool = True,
    **customer: Any,
) -> UUID:
    """Two of three cups cancelled, paid back to a card."""
    subject_id, case = uuid4(), uuid4()
    async with sessions.begin() as session:
        session.add(_subject(subject_id, ref, customer))
        await session.merge(_reason())
        await session.flush()
        session.add(_line(subject_id))
        session.add(_request(case, subject_id))
        await session.flush()
        session.add(_cancellation(case, subject_id, state, cancellation or {}))
        await session.flush()
        if decided:
            session.add(_decision(case))
            session.add(_refund(case, subject_id))
    return case


def _subject(subject_id: UUID, ref: str, customer: dict[str, Any]) -> SubjectRow:
    known = {
        "customer_name": "Ada Müller",
        "customer_email": "ada@customer.example",
        "customer_language": "de-DE",
    }
    return SubjectRow(
        id=subject_id,
        kind=Kind.ORDER,
        ref=ref,
        stage="open",
        cancellation_state=SubjectState.PARTLY_CANCELLED,
        currency="EUR",
        zone="Europe/Berlin",
        policy_id="shop",
        policy_version=1,
        created_at=AT,
        updated_at=AT,
        **known | customer,
    )


def _reason() -> ReasonRow:
    labels = {"en": "No longer needed", "de": "Nicht mehr nötig"}
    return ReasonRow(code="no_need", labels=labels, kinds=["order"], updated_at=AT)


def _line(subject_id: UUID) -> LineRow:
    return LineRow(
        subject_id=subject_id,
        id="l1",
        position=0,
        kind=LineKind.GOODS,
        sku="cup",
        title="Tasse <blau>",
        category="",
        component="",
        quantity=3,
        quantity_cancelled=2,
        unit_price_minor=1_600,
    )


def _request(case: UUID, subject_id: UUID) -> RequestRow:
    return RequestRow(
        id=case,
        subject_id=subject_id,
        state=RequestState.DECIDED,
        body={"reason": "no_need"},
        body_hash="",
        note="my own words <i>",
        actor="web",
        asker="ada",
        requested_at=AT,
        received_at=AT,
    )


def _cancellation(
    case: UUID, subject_id: UUID, state: CancellationState, known: dict[str, Any]
) -> CancellationRow:
    return CancellationRow(
        id=case,
        subject_id=subject_id,
        n=1,
        state=state,
        initiator=Initiator.CUSTOMER,
        right=Right.CONTRACT,
        reason="no_need",
        lines=[{"id": "l1", "quantity": 2}],
        refund_minor=2_750,
        fee_minor=450,
        currency="EUR",
        restores_to="none",
        requested_at=AT,
        decided_at=AT,
        updated_at=AT,
        **known,
    )


def _decision(case: UUID, given: Decision | None = None) -> DecisionRow:
    decision = given or Decision(
        outcome=Outcome.NEEDS_APPROVAL,
        codes=(Finding(code="approval_late"),),
        rule="approval.notice_under",
        currency="EUR",
        lines=(
            LineAmount(id="l1", quantity=2, price_minor=3_200, fee_minor=450, refund_minor=2_750),
        ),
        tenders=(
            TenderAmount(
                id="t1", method="credit_card", handling=Handling.PROVIDER, amount_minor=2_750
            ),
        ),
        refund_minor=2_750,
        fee_minor=450,
        approval=ApprovalTerms(within=timedelta(days=1), approve_by_default=True),
    )
    return DecisionRow(
        cancellation_id=case,
        outcome=decision.outcome,
        policy_id="shop",
        policy_version=1,
        terms_hash="",
        document=decision.model_dump(mode="json"),
        verdict={},
        created_at=AT,
    )


def _refund(case: UUID, subject_id: UUID) -> RefundRow:
    return RefundRow(
        id=uuid4(),
        subject_id=subject_id,
        cancellation_id=case,
        tender_id="t1",
        method="credit_card",
        handling=Handling.PROVIDER,
        form="original",
        timing="business_days_5_7",
        amount_minor=2_750,
        currency="EUR",
        state=RefundState.PENDING,
        created_at=AT,
        updated_at=AT,
    )
