"""A note in the data folder that tells other commands where the running parts are."""

import json
import os
from pathlib import Path

from runtime import lock
from runtime.errors import StartupError
from runtime.settings import Settings

_FIELDS = (
    *("database_url", "temporal_address", "temporal_ui", "smtp_url", "cards_url", "public_url"),
    "port",
)


def note(settings: Settings) -> None:
    """Write the note. It holds the database's password, so only its owner may read it."""
    file = _file(settings.data)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as output:
        json.dump({name: getattr(settings, name) for name in _FIELDS}, output)


def forget(data: Path) -> None:
    _file(data).unlink(missing_ok=True)


def current_settings() -> Settings:
    """Read the settings and complete them: what an entry point that runs on its own starts from.

    Raises StartupError if it is still unknown where the database or Temporal is.
    """
    settings = fill(Settings())
    for name in ("database_url", "temporal_address"):
        if getattr(settings, name) is None:
            raise StartupError(
                f"{name.upper()} is not set and no Rescind runs on {settings.data}. "
                "Start everything with `rescind up`, or set the address."
            )
    return settings


def fill(settings: Settings) -> Settings:
    """Complete the settings with the addresses of what runs on this data folder, if anything does.

    What was set from outside stays as it is, but for the port: that one may have been taken.
    """
    file = _file(settings.data)
    if not file.exists() or not lock.is_held(settings.data):
        return settings
    noted = json.loads(file.read_text())
    missing = {
        name: value
        for name, value in noted.items()
        if name == "port" or name not in settings.model_fields_set
    }
    return settings.model_copy(update=missing)


def _file(data: Path) -> Path:
    return data / "running.json"
