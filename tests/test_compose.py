"""The compose file, as far as it can be judged without a Docker engine."""

import subprocess
import sys
from pathlib import Path

import yaml

COMPOSE = Path(__file__).parent.parent / "docker-compose.yml"


def test_it_follows_the_compose_specification() -> None:
    command = ["-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(COMPOSE)]
    done = subprocess.run([sys.executable, *command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_has_every_part_and_opens_ports_on_the_loopback_only() -> None:
    services = yaml.safe_load(COMPOSE.read_text())["services"]
    assert {"postgres", "temporal", "temporal-ui", "api", "worker", "mail"} <= services.keys()
    opened = [port for service in services.values() for port in service.get("ports", [])]
    assert opened
    assert all(port.startswith("127.0.0.1:") for port in opened)
