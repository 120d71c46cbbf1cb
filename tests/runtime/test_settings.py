"""What is read from the environment, and what never shows."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from runtime import lock, running
from runtime.client import connect
from runtime.errors import StartupError
from runtime.settings import Settings, faults

SECRET = "hunter2"


@pytest.fixture(autouse=True)
def _no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("DATABASE_URL", "TEMPORAL_ADDRESS", "SMTP_URL", "RESCIND_DATA", "RESCIND_PORT"):
        monkeypatch.delenv(name, raising=False)


def test_passwords_and_keys_are_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", f"postgresql://rescind:{SECRET}@db/rescind")
    monkeypatch.setenv("SMTP_URL", f"smtp://shop:{SECRET}@relay:587")
    monkeypatch.setenv("TEMPORAL_API_KEY", SECRET)
    settings = Settings()
    assert SECRET not in repr(settings) + str(settings)
    assert settings.database_url == f"postgresql://rescind:{SECRET}@db/rescind"


def test_an_api_key_asks_for_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not Settings().temporal_tls
    monkeypatch.setenv("TEMPORAL_API_KEY", SECRET)
    assert Settings().temporal_tls


def test_the_public_address_follows_the_port(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RESCIND_PORT", "9000")
    assert Settings().public_url == "http://127.0.0.1:9000"
    monkeypatch.setenv("PUBLIC_URL", "https://cancel.shop.example")
    assert Settings().public_url == "https://cancel.shop.example"


def test_an_empty_variable_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "")
    assert Settings().temporal_address is None


@pytest.mark.parametrize("text", ["90", "90s", "1.5m", "PT1M30S", "00:01:30", " 90 s "])
def test_a_duration_is_written_as_people_do(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("REFUND_PATIENCE", text)
    assert Settings().refund_patience == timedelta(seconds=90)


@pytest.mark.parametrize("text", ["soon", "90 seconds", "-5", "1e3", "5 min"])
def test_what_is_no_duration_is_told_with_an_example(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setenv("REFUND_PATIENCE", text)
    monkeypatch.setenv("BUSINESS_ZONE", "Nowhere")
    with pytest.raises(ValidationError) as raised:
        Settings()
    duration, zone = sorted(faults(raised.value), reverse=True)
    assert duration.startswith("REFUND_PATIENCE: is no duration: write seconds, such as 30, ")
    assert zone == "BUSINESS_ZONE: is no time zone of the IANA database"


def test_no_patience_at_all_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASK_PATIENCE", "0")
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert faults(raised.value) == ["ASK_PATIENCE: must be more than nothing"]


def test_commands_find_what_runs_on_the_same_folder(tmp_path: Path) -> None:
    data = tmp_path / "data"
    there = Settings(data=data, database_url="postgresql://here/rescind")
    with lock.hold(data):
        running.note(there)
        assert running.fill(Settings(data=data)).database_url == "postgresql://here/rescind"
        assert (data / "running.json").stat().st_mode & 0o077 == 0
    assert running.fill(Settings(data=data)).database_url is None


def test_what_was_set_wins_over_what_runs(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with lock.hold(data):
        running.note(Settings(data=data, temporal_address="127.0.0.1:1"))
        given = Settings(data=data, temporal_address="cluster:7233")
        assert running.fill(given).temporal_address == "cluster:7233"


def test_commands_reach_the_api_at_the_port_it_got_and_not_through_a_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    monkeypatch.setenv("RESCIND_DATA", str(data))
    monkeypatch.setenv("RESCIND_PORT", "8080")
    monkeypatch.setenv("PUBLIC_URL", "https://orders.shop.example")
    monkeypatch.setenv("RESCIND_KEY", "key")
    with lock.hold(data):
        running.note(Settings(data=data, port=8081))
        assert connect().url == "http://127.0.0.1:8081"


def test_the_public_address_has_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://shop.example/orders")
    with pytest.raises(ValidationError) as raised:
        Settings()
    assert faults(raised.value)[0].startswith(
        "PUBLIC_URL: it is https:// and a name, without a path"
    )


def test_a_part_alone_needs_to_know_where_the_others_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(StartupError, match="DATABASE_URL is not set"):
        running.current_settings()
    monkeypatch.setenv("DATABASE_URL", "postgresql://db/rescind")
    with pytest.raises(StartupError, match="TEMPORAL_ADDRESS is not set"):
        running.current_settings()


def test_not_everybody_is_a_trusted_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRUSTED_PROXIES", "*")
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert "name addresses or networks" in faults(caught.value)[0]


@pytest.mark.parametrize(
    ("issuer", "client", "variable"),
    [
        ("http://accounts.shop.example", "rescind", "PORTAL_OIDC_ISSUER"),
        ("http://127.0.0.1.evil.example", "rescind", "PORTAL_OIDC_ISSUER"),
        ("https://accounts.shop.example", "", "PORTAL_OIDC_CLIENT_ID"),
    ],
)
def test_an_identity_provider_is_named_whole_and_reached_encrypted(
    monkeypatch: pytest.MonkeyPatch, issuer: str, client: str, variable: str
) -> None:
    monkeypatch.setenv("PORTAL_OIDC_ISSUER", issuer)
    monkeypatch.setenv("PORTAL_OIDC_CLIENT_ID", client)
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert [fault.partition(":")[0] for fault in faults(caught.value)] == [variable]
