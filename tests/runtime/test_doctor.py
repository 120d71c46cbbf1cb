"""The doctor names what is broken, says what to do, hangs on nothing and tells no secret."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio import StreamReader, StreamWriter
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from google.protobuf.duration_pb2 import Duration
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker
from temporalio.api.workflowservice.v1 import RegisterNamespaceRequest
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError, RPCStatusCode

from domain.lifecycle import CancellationState, RefundState
from domain.requests import Initiator, Right
from domain.subjects import Handling, Kind
from runtime import ports, schedules
from runtime import temporal as runtime_temporal
from runtime.doctor import (
    clock,
    database,
    examination,
    machine,
    network,
    payments,
    report,
    temporal,
)
from runtime.doctor.findings import Finding, Level
from runtime.settings import Settings
from sandbox.serving import running
from storage import policies, withdrawal_letters
from storage.cancellations import CancellationRow
from storage.refunds import RefundRow
from storage.subjects import SubjectRow
from storage.withdrawal_letters import LetterState
from tests.factories import a_verdict
from tests.fakes import FakeSteps
from tests.mail import MailServer
from worker import make_worker, steps_of

NOWHERE = f"{ports.LOOPBACK}:1"
READY = "Ctrl-C stops everything"


@pytest.fixture
async def namespace(temporal: Client) -> str:
    """A namespace of the test's own: runs are kept for three days, and nothing is in it."""
    name = f"doctor-{uuid4().hex[:8]}"
    retention = Duration()
    retention.FromTimedelta(timedelta(days=3))
    await temporal.workflow_service.register_namespace(
        RegisterNamespaceRequest(namespace=name, workflow_execution_retention_period=retention)
    )
    client = await _client(temporal, name)
    async with asyncio.timeout(20):
        while True:
            try:
                await client.count_workflows()
                return name
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                await asyncio.sleep(0.1)


async def test_all_is_fine_where_everything_runs(
    tmp_path: Path, database: str, temporal: Client, namespace: str, mail_server: MailServer
) -> None:
    given = {
        "RESCIND_DATA": str(tmp_path / "data"),
        "RESCIND_PORT": str(ports.any_free()[0]),
        "DATABASE_URL": database,
        "TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": namespace,
        "SMTP_URL": mail_server.url,
    }
    async with _rescind(given, "up") as up, asyncio.timeout(60):
        await _read_until(up, READY)
        code, told = await _diagnose(given)
        while "worker" in {one["check"] for one in _worries(told)}:  # it may still be starting
            code, told = await _diagnose(given)
    assert (_worries(told), told["status"], code) == ([], "fine", 0)
    assert {"invariants", "worker", "schedule sweep", "smtp", "cards", "api"} <= {
        one["check"] for one in told["findings"]
    }
    assert mail_server.messages == []


async def test_nothing_runs_and_nothing_is_set(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "SMTP_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("RESCIND_DATA", str(tmp_path / "none"))
    monkeypatch.setenv("PUBLIC_URL", f"http://{NOWHERE}")
    found = _by_check(await examination.examine())
    assert found["settings"].level is Level.BROKEN
    assert "rescind up" in found["settings"].remedy
    assert found["database"].level is found["temporal"].level is Level.UNCHECKED
    assert found["smtp"].level is found["cards"].level is Level.UNCHECKED
    assert found["api"].says == f"http://{NOWHERE} does not answer: ConnectError."


async def test_settings_that_can_not_be_read_are_told_without_their_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("DATABASE_URL", "mysql://ada:geheim@db.example/rescind")
    found = await examination.examine()
    assert examination.is_broken(found)
    said = "\n".join(report.lines(found))
    assert "DATABASE_URL" in said
    assert "geheim" not in said


async def test_a_database_that_is_down_refuses_us_or_lacks_ours(database: str) -> None:
    down = await _database(f"postgresql://ada:geheim@{NOWHERE}/rescind")
    assert down["database"].says == f"{NOWHERE}/rescind can't be used: ConnectionRefusedError."
    assert list(down) == ["database"]
    refused = await _database(_with_password(database, "geheim"))
    assert "refuses our password" in refused["database"].says
    lacking = await _database(f"{database}_not_made")
    assert "no database of that name" in lacking["database"].says
    unreadable = await _database("postgresql://ada:ge/heim@db:x/rescind")
    told = [*down.values(), *refused.values(), *unreadable.values()]
    assert all(one.level is Level.BROKEN for one in told)
    assert "heim" not in report.as_json(told)


@pytest.mark.parametrize(
    ("change", "says", "remedy"),
    [
        ("UPDATE alembic_version SET version_num = '0001'", "Missing: 0002", "rescind migrate"),
        ("DROP TABLE alembic_version", "Missing: 0001", "rescind migrate"),
        ("UPDATE alembic_version SET version_num = '9999'", "does not know", "a newer version"),
        ("ALTER TABLE refunds DROP COLUMN failure", "refunds.failure is missing", "Restore"),
        ("ALTER TABLE refunds ALTER form TYPE date USING NULL", "refunds.form differs", "Restore"),
        ("DROP TABLE outbox", "table outbox is missing", "Restore"),
        ("DROP INDEX ix_refunds_unrest", "index ix_refunds_unrest is missing", "Restore"),
    ],
)
async def test_a_schema_of_another_version_is_broken_and_the_tables_are_left_alone(
    database: str,
    sessions: async_sessionmaker[AsyncSession],
    change: str,
    says: str,
    remedy: str,
) -> None:
    async with sessions.begin() as session:
        await session.execute(text(change))
    found = await _database(database)
    assert found["migrations"].level is Level.BROKEN
    assert says in found["migrations"].says
    assert remedy in found["migrations"].remedy
    assert found["refunds"].level is found["invariants"].level is Level.UNCHECKED


async def test_what_waits_for_a_person_and_broken_promises_are_counted_and_named(
    database: str, sessions: async_sessionmaker[AsyncSession]
) -> None:
    await _write_stuck_work(sessions)
    found = await _database(database)
    assert found["work"].says == "1 cancellation at work for more than 5 minutes: order 1042."
    assert found["refunds"].level is Level.WARNING
    assert found["refunds"].says == "1 refund waits for a person: order 1042."
    assert found["invariants"].level is Level.BROKEN
    assert "history has no gaps" in found["invariants"].says


async def test_a_receipt_of_a_withdrawal_that_no_server_takes_is_named(
    database: str, sessions: async_sessionmaker[AsyncSession]
) -> None:
    assert (await _database(database))["withdrawal letters"].level is Level.FINE
    declared, now = uuid4(), datetime.now(UTC) - timedelta(hours=1)
    async with sessions.begin() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        withdrawal_letters.add(session, declared, "customer", b"", LetterState.PARKED, now)
        withdrawal_letters.add(session, declared, "business", b"", LetterState.DUE, now)
    found = (await _database(database))["withdrawal letters"]
    assert found.level is Level.WARNING
    assert found.says == f"1 letter parked (to the customer, {declared}), 1 overdue."


async def test_a_policy_that_can_not_be_read_is_named(
    database: str, sessions: async_sessionmaker[AsyncSession]
) -> None:
    assert (await _database(database))["policies"].says == "0 versions can be read."
    async with sessions.begin() as session:
        for id_ in ("good", "bad"):
            document: dict[str, object] = {"id": id_, "title": id_}
            now = datetime.now(UTC)
            await policies.keep(
                session, id_, document, ["order"], is_default=False, at=now, actor="test"
            )
        broken = "UPDATE policy_versions SET document = '{\"id\": []}' WHERE policy_id = 'bad'"
        await session.execute(text(broken))
    found = (await _database(database))["policies"]
    assert found.level is Level.BROKEN
    assert found.says.endswith("nothing can be decided by it: bad version 1.")


async def test_an_empty_namespace_lacks_everything(
    temporal_settings: Settings,
) -> None:
    found = await _temporal(temporal_settings)
    assert found["temporal"].level is Level.FINE
    assert found["namespace"].level is Level.WARNING
    assert "keeps closed runs for 3 days; 90 days are wanted" in found["namespace"].says
    assert "RescindKind" in found["search attributes"].says
    assert found["worker"].says == "Nobody takes workflows or activities from the queue none."
    assert found["schedule sweep"].says.startswith("It is not there")
    lacking = ("search attributes", "worker", "schedule sweep", "schedule cancellation-windows")
    assert all(found[check].level is Level.BROKEN for check in lacking)
    assert found["temporal clock"].level is Level.FINE


async def test_a_prepared_namespace_with_a_worker_is_fine_but_for_a_pause_by_ops(
    temporal: Client, temporal_settings: Settings, namespace: str
) -> None:
    client = await _client(temporal, namespace)
    await runtime_temporal.prepare(client)
    await schedules.ensure(client, "none")
    await client.get_schedule_handle("sweep").pause(note="Until the bank is back")
    async with make_worker(client, "none", steps_of(FakeSteps(a_verdict()))):
        await asyncio.sleep(0.5)
        found = await _temporal(temporal_settings)
    worries = {check: one for check, one in found.items() if one.level is not Level.FINE}
    assert list(worries) == ["schedule sweep"]
    assert worries["schedule sweep"].level is Level.WARNING
    assert worries["schedule sweep"].says == "Paused: Until the bank is back."
    assert str(os.getpid()) in found["worker"].says


async def test_a_worker_of_this_machine_that_was_killed_does_not_count(
    temporal: Client, temporal_settings: Settings, namespace: str
) -> None:
    gone = await asyncio.create_subprocess_exec("true")
    await gone.wait()
    identity = f"{gone.pid}@{socket.gethostname()}"
    client = await _client(temporal, namespace, identity)
    async with make_worker(client, "none", steps_of(FakeSteps(a_verdict()))):
        await asyncio.sleep(0.5)
        found = await _temporal(temporal_settings)
    assert found["worker"].level is Level.BROKEN
    assert f"{identity} was last heard of" in found["worker"].says
    assert "rescind worker" in found["worker"].remedy


async def test_a_worker_that_is_frozen_does_not_answer_and_is_told_at_once(
    temporal: Client, temporal_settings: Settings, namespace: str, database: str, tmp_path: Path
) -> None:
    client = await _client(temporal, namespace)
    given = {
        "DATABASE_URL": database,
        "TEMPORAL_ADDRESS": temporal.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": namespace,
        "TEMPORAL_TASK_QUEUE": temporal_settings.temporal_task_queue,
        "RESCIND_DATA": str(tmp_path),
    }
    await runtime_temporal.prepare(client)
    async with _rescind(given, "worker") as worker, asyncio.timeout(60):
        await _run_once(client, "sweep")
        while True:
            if (await _temporal(temporal_settings))["worker"].says.endswith("ago, answers."):
                break
            await asyncio.sleep(0.2)
        worker.send_signal(signal.SIGSTOP)
        found = await _temporal(temporal_settings)
        worker.send_signal(signal.SIGCONT)
        assert found["worker"].level is Level.BROKEN
        assert "did not answer a question within 3 seconds" in found["worker"].says
        while (await _temporal(temporal_settings))["worker"].level is not Level.FINE:  # noqa: ASYNC110
            await asyncio.sleep(0.2)


async def _run_once(client: Client, schedule: str) -> None:
    """Wait until the worker has made the schedule, and has done one run of it."""
    handle = client.get_schedule_handle(schedule)
    while True:
        with suppress(RPCError):
            if (await handle.describe()).info.num_actions:
                break
            await handle.trigger()
        await asyncio.sleep(0.2)
    while (await client.count_workflows("ExecutionStatus = 'Completed'")).count == 0:  # noqa: ASYNC110
        await asyncio.sleep(0.1)


async def test_a_namespace_or_a_server_that_is_not_there(temporal: Client) -> None:
    address = temporal.service_client.config.target_host
    found = await _temporal(Settings(temporal_address=address, temporal_namespace="nowhere"))
    assert found["namespace"].level is Level.BROKEN
    assert "namespace create" in found["namespace"].remedy
    assert found["worker"].level is Level.UNCHECKED
    down = await _temporal(Settings(temporal_address=NOWHERE))
    assert list(down) == ["temporal"]
    assert down["temporal"].level is Level.BROKEN


async def test_a_mail_server_is_greeted_and_what_it_lacks_is_told(mail_server: MailServer) -> None:
    assert (await network.mail_server(mail_server.url)).level is Level.FINE
    assert mail_server.messages == []
    secretive = mail_server.url.replace("//", "//ada:geheim@")
    expected = {
        f"smtp://{NOWHERE}": "Nothing answers",
        f"{mail_server.url}?starttls=always": "STARTTLS",
        f"{secretive}?starttls=never": "AUTH",
        "imap://mail.example": "SMTP_URL must be",
    }
    for url, says in expected.items():
        found = await network.mail_server(url)
        assert found.level is Level.BROKEN, url
        assert says in found.says
        assert "geheim" not in found.says


async def test_a_provider_that_is_away_or_refuses_our_key_is_told_without_it(
    database: str,
) -> None:
    async with running(database) as sandbox:
        found = await payments.check(Settings(cards_url=sandbox.address))
        assert (found.level, found.says) == (Level.FINE, "The card sandbox answers.")
        wrong = Settings(stripe_api_key=SecretStr("geheim"), stripe_api_base=sandbox.address)
        refused = await payments.check(wrong)
    away = await payments.check(Settings(cards_url=f"http://{NOWHERE}"))
    none = await payments.check(Settings())
    assert "401" in refused.says
    assert "STRIPE_API_KEY" in refused.remedy
    assert "no answer" in away.says
    assert "No provider is set up" in none.says
    assert {one.level for one in (refused, away, none)} == {Level.BROKEN}
    assert "geheim" not in report.as_json([refused])


async def test_silent_parts_cost_only_their_own_time(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    async with _silence() as address:
        monkeypatch.setenv("RESCIND_DATA", str(tmp_path / "none"))
        monkeypatch.setenv("DATABASE_URL", f"postgresql://ada:geheim@{address}/rescind")
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        monkeypatch.setenv("SMTP_URL", f"smtp://{address}")
        monkeypatch.setenv("CARDS_URL", f"http://{address}")
        monkeypatch.setenv("PUBLIC_URL", f"http://ada:geheim@{address}")
        began = asyncio.get_running_loop().time()
        found = _by_check(await examination.examine())
        assert asyncio.get_running_loop().time() - began < 9
    for check in ("database", "temporal", "smtp", "cards", "api"):
        assert found[check].level is Level.BROKEN
    assert found["disk"].level is Level.FINE
    assert "geheim" not in report.as_json([*found.values()])


@pytest.mark.parametrize(
    ("seconds", "level"),
    [
        (0, Level.FINE),
        (-1.9, Level.FINE),
        (2.1, Level.WARNING),
        (-120, Level.WARNING),
        (121, Level.BROKEN),
        (-121, Level.BROKEN),
    ],
)
def test_clocks_two_seconds_apart_are_odd_and_two_minutes_are_wrong(
    seconds: float, level: Level
) -> None:
    assert clock.judge("database clock", timedelta(seconds=seconds)).level is level


@pytest.mark.parametrize(
    ("free", "level"),
    [(5_000_000_000, Level.FINE), (1_900_000_000, Level.WARNING), (90_000_000, Level.BROKEN)],
)
def test_a_disk_fills_up(free: int, level: Level, tmp_path: Path) -> None:
    assert machine.judge(free, tmp_path).level is level


def test_a_warning_breaks_nothing() -> None:
    worried = [Finding("disk", Level.WARNING, "Only a little.", "Make room.")]
    assert not examination.is_broken(worried)
    assert json.loads(report.as_json(worried))["status"] == "warning"
    assert next(report.lines(worried)) == "! disk  Only a little. Make room."


@pytest.fixture
def temporal_settings(temporal: Client, namespace: str) -> Settings:
    return Settings(
        temporal_address=temporal.service_client.config.target_host,
        temporal_namespace=namespace,
        temporal_task_queue="none",
    )


async def _database(url: str) -> Mapping[str, Finding]:
    return _by_check(await database.examine(url, invariants=True))


async def _temporal(settings: Settings) -> Mapping[str, Finding]:
    return _by_check(await temporal.examine(settings))


def _by_check(found: list[Finding]) -> Mapping[str, Finding]:
    return {finding.check: finding for finding in found}


def _with_password(url: str, password: str) -> str:
    user, _, rest = url.rpartition("@")
    return f"{user.rpartition(':')[0]}:{password}@{rest}"


async def _client(temporal: Client, namespace: str, identity: str | None = None) -> Client:
    return await Client.connect(
        temporal.service_client.config.target_host,
        namespace=namespace,
        identity=identity,
        data_converter=pydantic_data_converter,
    )


@asynccontextmanager
async def _silence() -> AsyncIterator[str]:
    """A server that takes connections and never says a word."""

    async def listen(reader: StreamReader, writer: StreamWriter) -> None:
        while await reader.read(1024):
            pass
        writer.close()

    server = await asyncio.start_server(listen, ports.LOOPBACK, 0)
    try:
        yield f"{ports.LOOPBACK}:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


@asynccontextmanager
async def _rescind(given: Mapping[str, str], *words: str) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "runtime.cli", *words),
        env=os.environ | given,
        stdin=DEVNULL,
        stdout=PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.terminate()
        await asyncio.wait_for(process.wait(), 20)


async def _diagnose(given: Mapping[str, str]) -> tuple[int | None, dict[str, Any]]:
    async with _rescind(given, "doctor", "--json", "--invariants") as doctor:
        said, _ = await doctor.communicate()
    return doctor.returncode, json.loads(said)


def _worries(told: dict[str, Any]) -> list[dict[str, str]]:
    return [one for one in told["findings"] if one["level"] != Level.FINE]


async def _read_until(process: Process, words: str) -> None:
    assert process.stdout is not None
    async with asyncio.timeout(40):
        while words not in (line := (await process.stdout.readline()).decode()):
            assert line, f"it ended before it said {words!r}"


async def _write_stuck_work(sessions: async_sessionmaker[AsyncSession]) -> None:
    """An order whose history has a gap, at work for ten minutes, with a refund that waits."""
    now = datetime.now(UTC) - timedelta(minutes=10)
    subject = SubjectRow(
        id=uuid4(),
        kind=Kind.ORDER,
        ref="1042",
        stage="placed",
        currency="EUR",
        zone="Europe/Berlin",
        policy_id="shop",
        policy_version=1,
        event_sequence=3,
        created_at=now,
        updated_at=now,
    )
    refund = RefundRow(
        id=uuid4(),
        subject_id=subject.id,
        tender_id="card",
        method="card",
        handling=Handling.PROVIDER,
        form="original",
        amount_minor=100,
        currency="EUR",
        state=RefundState.FAILED,
        attention="refund",
        created_at=now,
        updated_at=now,
    )
    cancellation = CancellationRow(
        id=uuid4(),
        subject_id=subject.id,
        n=1,
        state=CancellationState.WORKING,
        initiator=Initiator.CUSTOMER,
        right=Right.CONTRACT,
        lines=[],
        currency="EUR",
        restores_to="none",
        requested_at=now,
        decided_at=now,
        updated_at=now,
    )
    async with sessions.begin() as session:
        await session.execute(text("SET LOCAL session_replication_role = replica"))
        session.add_all([subject, refund, cancellation])
