"""The example business, on a real database and at any hour."""

import stat
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.decisions import Decision, Outcome
from domain.lifecycle import SubjectState
from domain.policy.rights.best import decide_best
from domain.reasons import OTHER
from domain.requests import Request, Right
from domain.slots import Span, occupied
from domain.subjects import Kind, LineQuantity, SubjectRef
from domain.told import record_of
from runtime import seeds
from runtime.business.calendar import ZONE
from runtime.business.places import RESOURCES
from runtime.business.reasons import REASONS
from runtime.registering import SandboxRegistry
from sandbox import control
from sandbox.cards import Cards
from storage import keys, rights, subjects
from storage.database import make_engine, make_sessions
from storage.reservations import ReservationRow
from storage.schema import METADATA
from storage.subjects import SubjectRow
from tests.databases import Databases
from use_cases.actors import Scope

Sessions = async_sessionmaker[AsyncSession]
NOW = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
async def seeded(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Sessions]:
    """The business as it is after a seed, for tests that only look."""
    async with databases.lent() as database:
        engine = make_engine(database)
        sessions = make_sessions(engine)
        await seeds.seed(sessions, tmp_path_factory.mktemp("seeded"), NOW)
        yield sessions
        await engine.dispose()


async def decided(sessions: Sessions, kind: Kind, id_: str, **asked: Any) -> Decision:
    """What a customer who asks now is told."""
    async with sessions() as session:
        row = await subjects.get(session, SubjectRef(kind=kind, id=id_))
        known, held = await rights.load(session, row, NOW)
    return decide_best(held, known, Request(requested_at=NOW, reason="changed_mind", **asked))


async def counts(sessions: Sessions) -> dict[str, int]:
    async with sessions() as session:
        return {
            name: await session.scalar(select(func.count()).select_from(table)) or 0
            for name, table in METADATA.tables.items()
        }


async def test_a_second_seed_changes_nothing_even_days_later(
    sessions: Sessions, tmp_path: Path
) -> None:
    first = await seeds.seed(sessions, tmp_path, NOW)
    assert first.subjects >= 24
    before, keys_before = await counts(sessions), seeds.read_keys(tmp_path)
    again = await seeds.seed(sessions, tmp_path, NOW + timedelta(days=3))
    assert again == seeds.SeedReport()
    assert await counts(sessions) == before
    assert seeds.read_keys(tmp_path) == keys_before


async def test_what_the_readme_names_behaves_as_it_says(seeded: Sessions) -> None:
    order = await decided(seeded, Kind.ORDER, "1042")
    assert (order.outcome, order.refund_minor) == (Outcome.ALLOWED, 11290)
    assert {tender.method for tender in order.tenders} == {"card", "gift_card"}
    appointment = await decided(seeded, Kind.APPOINTMENT, "A-2001")
    assert (appointment.outcome, appointment.fee_minor) == (Outcome.ALLOWED, 0)
    assert (await decided(seeded, Kind.ORDER, "1047")).outcome is Outcome.NEEDS_APPROVAL
    assert (await decided(seeded, Kind.APPOINTMENT, "A-2005")).undo_window == timedelta(hours=1)
    assert (await decided(seeded, Kind.ORDER, "1044")).outcome is Outcome.DECLINED
    late = await decided(seeded, Kind.APPOINTMENT, "A-2003")
    assert (late.outcome, late.fee_minor) == (Outcome.ALLOWED, 3100)
    assert (await decided(seeded, Kind.ORDER, "1051")).currency == "JPY"


async def test_ada_has_something_for_every_page(seeded: Sessions) -> None:
    open_by_law = await decided(seeded, Kind.ORDER, "1055", right=Right.LAW)
    assert (open_by_law.outcome, open_by_law.refund_minor) == (Outcome.ALLOWED, 7290)
    over = await decided(seeded, Kind.ORDER, "1060", right=Right.LAW)
    assert over.outcome is Outcome.DECLINED
    chosen = await decided(seeded, Kind.ORDER, "1056", method="store_credit")
    assert (chosen.undo_window, chosen.fee_minor) == (timedelta(minutes=30), 0)
    assert {tender.form for tender in chosen.tenders} == {"store_credit"}
    assert (await decided(seeded, Kind.ORDER, "1061")).fee_minor == 990
    left = LineQuantity(id="2", quantity=3)
    rest = await decided(seeded, Kind.ORDER, "1057", lines=(left,))
    assert (rest.outcome, rest.refund_minor) == (Outcome.ALLOWED, 2670)
    gone = LineQuantity(id="1", quantity=1)
    assert (await decided(seeded, Kind.ORDER, "1057", lines=(gone,))).outcome is Outcome.DECLINED
    assert (await decided(seeded, Kind.ORDER, "1058")).outcome is Outcome.NEEDS_APPROVAL
    assert (await decided(seeded, Kind.APPOINTMENT, "A-2014")).fee_minor == 2100
    assert (await decided(seeded, Kind.APPOINTMENT, "A-2015")).undo_window == timedelta(hours=1)


async def test_customers_read_six_languages_in_four_zones(seeded: Sessions) -> None:
    async with seeded() as session:
        rows = (await session.scalars(select(SubjectRow))).all()
    assert {"en", "de", "fr", "es", "pt-BR", "ar"} <= {row.customer_language for row in rows}
    zones = {row.customer_zone for row in rows}
    assert {ZONE, "Asia/Tokyo", "America/New_York", "America/Sao_Paulo"} <= zones


async def test_no_order_that_should_be_plain_lacks_a_fact(seeded: Sessions) -> None:
    async with seeded() as session:
        rows = (
            await session.scalars(select(SubjectRow).where(SubjectRow.order_id.is_(None)))
        ).all()
    for row in rows:
        decision = await decided(seeded, row.kind, row.ref)
        assert decision.outcome is not Outcome.HAND_OVER, (row.ref, decision.codes)


async def test_every_stage_and_kind_of_record_is_there(seeded: Sessions) -> None:
    async with seeded() as session:
        rows = (await session.scalars(select(SubjectRow))).all()
        reserved = (await session.scalars(select(ReservationRow.subject_id))).all()
    by_ref = {row.ref: row for row in rows}
    assert {"packed", "delivered", "ready", "arrived", "attended", "no_show"} <= {
        row.stage for row in rows
    }
    assert by_ref["1046"].cancellation_state is SubjectState.CANCELLED
    assert by_ref["A-2009"].order_id == by_ref["1045"].id
    assert reserved.count(by_ref["1045"].id) == 2
    assert by_ref["A-2001"].id in reserved
    full = await counts(seeded)
    assert full["stock"] >= 10
    assert full["staff"] == 6
    assert full["events"] == full["outbox"] > full["subjects"]


async def test_keys_are_for_their_owner_only_and_work_in_a_new_database(
    sessions: Sessions, tmp_path: Path
) -> None:
    await seeds.seed(sessions, tmp_path, NOW)
    assert stat.S_IMODE(seeds.key_file(tmp_path).stat().st_mode) == 0o600
    secrets = seeds.read_keys(tmp_path)
    async with sessions.begin() as session:
        row = await keys.find(session, secrets["admin"])
        assert row
        assert row.scopes == [Scope.ADMIN]
        await session.delete(row)
    await seeds.seed(sessions, tmp_path, NOW)
    assert seeds.read_keys(tmp_path) == secrets
    async with sessions() as session:
        assert await keys.find(session, secrets["admin"])


async def test_the_card_sandbox_knows_the_payments(
    sessions: Sessions, database: str, tmp_path: Path
) -> None:
    registry = SandboxRegistry(database)
    await seeds.seed(sessions, tmp_path, NOW, registry)
    await registry.close()
    async with Cards.open(database) as cards:
        card = await control.payment(cards, "pay_1042")
        held = await control.payment(cards, "hold_A-2011")
        gone = await control.payment(cards, "pay_1046")
        yen = await control.payment(cards, "pay_1051")
    assert card
    assert (card.captured, card.currency) == (8790, "EUR")
    assert held
    assert (held.captured, held.authorised) == (0, 4000)
    assert gone
    assert gone.captured == 0
    assert yen
    assert (yen.captured, yen.currency) == (4600, "JPY")


def test_at_no_hour_two_of_them_meet_on_one_resource() -> None:
    for hour in range(24 * 14):
        now = datetime(2026, 3, 22, tzinfo=UTC) + timedelta(hours=hour, minutes=7 * hour % 60)
        taken: dict[str, list[Span]] = defaultdict(list)
        last = {one.subject: one for one in seeds.business_at(now)}
        for _, subject, report in last.values():
            if report.cancelled_elsewhere or subject.id == "A-2009":
                continue
            for booking in record_of(subject, report, ZONE).bookings.values():
                name = booking["resource_id"]
                span = occupied(RESOURCES[name], booking["starts_at"], booking["ends_at"])
                for other in taken[name]:
                    assert span.end <= other.start or other.end <= span.start, (now, subject)
                taken[name].append(span)


def test_reasons_are_in_six_languages_and_other_needs_a_note() -> None:
    for reason in REASONS:
        assert set(reason.labels) == {"en", "de", "fr", "es", "pt-BR", "ar"}
        assert all(reason.labels.values())
        assert reason.note_required is (reason.code == OTHER)
    assert {"no_longer_needed", "ordered_by_mistake", OTHER} <= {reason.code for reason in REASONS}
