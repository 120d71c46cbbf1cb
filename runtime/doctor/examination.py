"""All checks, side by side: a part that is dead or silent delays no other."""

import asyncio
from collections.abc import Sequence

from pydantic import ValidationError

from runtime import running
from runtime.doctor import database, machine, network, payments, temporal
from runtime.doctor.findings import Finding, Level, broken, fine, unchecked
from runtime.settings import Settings, faults


async def examine(*, invariants: bool = False) -> list[Finding]:
    """Look at what the environment names, or what `rescind up` runs on the data folder."""
    try:
        chosen = Settings()
    except ValidationError as error:
        return _unreadable(error)
    settings = running.fill(chosen)
    groups: Sequence[list[Finding]] = await asyncio.gather(
        database.examine(settings.database_url, invariants=invariants),
        temporal.examine(settings),
        _outside(settings),
        machine.examine(settings.data),
    )
    return [_settings(settings), *(finding for group in groups for finding in group)]


async def _outside(settings: Settings) -> list[Finding]:
    """A mail server that isn't named is the embedded one, or else the worker's default."""
    api = network.api(settings.public_url)
    if settings.smtp_url is None and settings.database_url is None:
        return [unchecked("smtp", "settings"), unchecked("cards", "settings"), await api]
    mails = network.mail_server(settings.smtp_url)
    return [*await asyncio.gather(mails, payments.check(settings), api)]


def _settings(settings: Settings) -> Finding:
    names = ("database_url", "temporal_address")
    unset = [name.upper() for name in names if getattr(settings, name) is None]
    if unset:
        verb = "is" if len(unset) == 1 else "are"
        says = f"No Rescind runs on {settings.data}; {' and '.join(unset)} {verb} not set."
        return broken("settings", says, "Start everything with `rescind up`, or set the address.")
    return fine("settings", f"Complete; the data folder is {settings.data}.")


def _unreadable(error: ValidationError) -> list[Finding]:
    says = "; ".join(faults(error))
    remedy = "Mend the environment, or the file .env in this folder."
    return [
        broken("settings", f"{says}.", remedy),
        *(
            unchecked(name, "settings")
            for name in ("database", "temporal", "smtp", "cards", "api", "disk")
        ),
    ]


def is_broken(found: Sequence[Finding]) -> bool:
    return any(finding.level is Level.BROKEN for finding in found)
