"""The example business that a new installation starts with: Lindenhof, a shop with a salon."""

import json
import os
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from domain.texts import YAML_TYPE
from runtime.business.appointments import appointments
from runtime.business.calendar import ZONE, Calendar, Told
from runtime.business.orders import orders
from runtime.business.people import KEYS, STAFF
from runtime.business.places import RESOURCES, STOCK
from runtime.business.reasons import REASONS
from runtime.business.welcome import welcome
from storage import keys, policies, reasons, resources, subjects
from storage.keys import StaffRow
from storage.resources import ResourceRow
from storage.stock import StockRow
from use_cases import records
from use_cases.actors import Actor, Scope
from use_cases.context import Context
from use_cases.documents import read_document
from use_cases.policy_texts import Written, resolve, write
from use_cases.registry import PaymentRegistry, no_registry
from use_cases.runs import Runs

POLICIES = Path(__file__).parent.parent / "policies"
LAWS = POLICIES / "law"
EXAMPLES = ("clinic", "gallery", "salon", "shop", "tau-retail", "webshop")
"""The policies of this business; the others there are to read and to start from."""

DEFAULTS = {"shop", "salon"}
"""The policies that serve what names none; each serves another kind."""

_SEEDER = Actor(id="seed", scopes=frozenset({Scope.RECORDS}))


@dataclass(frozen=True)
class SeedReport:
    """What was added; all zero when everything was there."""

    policies: int = 0
    reasons: int = 0
    resources: int = 0
    subjects: int = 0
    keys: int = 0


async def seed(
    sessions: async_sessionmaker[AsyncSession],
    data: Path,
    now: datetime,
    register: PaymentRegistry = no_registry,
) -> SeedReport:
    """Put the business in, seen from `now`; the keys for people go to `data`/keys.json.

    What is there already stays as it is, so a repeat changes nothing.
    """
    async with sessions.begin() as session:
        added_policies = await _add_policies(session, now)
        added_reasons = await _add_reasons(session, now)
        added_resources = await _add_resources(session, now)
        await _add_stock(session, now)
        await _add_staff(session, now)
        added_keys = await _add_keys(session, key_file(data), now)
    context = Context(sessions, Runs(_no_runs, ""), zone=ZONE, register=register)
    added_subjects = await _add_subjects(context, now)
    return SeedReport(added_policies, added_reasons, added_resources, added_subjects, added_keys)


def key_file(data: Path) -> Path:
    return data / "keys.json"


def read_keys(data: Path) -> dict[str, str]:
    """The secrets by the names of their keys; none if nobody seeded this folder."""
    file = key_file(data)
    return json.loads(file.read_text()) if file.exists() else {}


async def _no_runs() -> Any:
    raise ConnectionError("seeding starts no runs")


async def _add_policies(session: AsyncSession, now: datetime) -> int:
    """Add the laws and the examples, in force so long that all purchases were made under them."""
    added, at = 0, now - timedelta(days=400)
    for file in (*sorted(LAWS.glob("*.yaml")), *(POLICIES / f"{name}.yaml" for name in EXAMPLES)):
        if await policies.latest(session, file.stem):
            continue
        text = file.read_text(encoding="utf-8")
        found = await resolve(session, file.stem, read_document(text), at)
        await write(
            session,
            found,
            is_default=file.stem in DEFAULTS,
            at=at,
            actor=_SEEDER.id,
            written=Written(text, YAML_TYPE),
        )
        await session.flush()
        added += 1
    return added


async def _add_reasons(session: AsyncSession, now: datetime) -> int:
    missing = [one for one in REASONS if await reasons.find(session, one.code) is None]
    for reason in missing:
        await reasons.keep(session, reason, now)
    return len(missing)


async def _add_resources(session: AsyncSession, now: datetime) -> int:
    there = set(await session.scalars(select(ResourceRow.id)))
    missing = {id_: resource for id_, resource in RESOURCES.items() if id_ not in there}
    for id_, resource in missing.items():
        await resources.keep(session, id_, resource, now)
    return len(missing)


async def _add_stock(session: AsyncSession, now: datetime) -> None:
    rows = [{"sku": sku, "on_hand": count, "updated_at": now} for sku, count in STOCK.items()]
    await session.execute(insert(StockRow).values(rows).on_conflict_do_nothing())


async def _add_staff(session: AsyncSession, now: datetime) -> None:
    columns = ("id", "name", "email", "role")
    rows = [dict(zip(columns, one, strict=True)) | {"created_at": now} for one in STAFF]
    await session.execute(insert(StaffRow).values(rows).on_conflict_do_nothing())


async def _add_keys(session: AsyncSession, file: Path, now: datetime) -> int:
    """Make the keys of the business and note their secrets where only the owner can read them.

    Secrets noted before are used again, also in a new database.
    """
    secrets = {name: keys.new_secret() for name in KEYS} | read_keys(file.parent)
    added = 0
    for name, scopes in KEYS.items():
        if await keys.find(session, secrets[name]) is None:
            await keys.keep(session, name, secrets[name], scopes, now)
            added += 1
    if added:
        _note(file, secrets)
    return added


def _note(file: Path, secrets: dict[str, str]) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as output:
        json.dump(secrets, output, indent=2)


async def _add_subjects(context: Context, now: datetime) -> int:
    """Tell of each subject as its owner would have, at the time it happened."""
    told = business_at(now)
    async with context.sessions() as session:
        new = {one.subject for one in told if await subjects.find(session, one.subject) is None}
    for at, subject, report in told:
        if subject in new:
            await records.report(_back_then(context, at), _SEEDER, subject, report)
    return len(new)


def _back_then(context: Context, at: datetime) -> Context:
    return replace(context, clock=lambda: at)


def business_at(now: datetime) -> list[Told]:
    """Everything that was told up to `now`, in order."""
    calendar = Calendar(now)
    told = [*orders(calendar), *appointments(calendar), *welcome(calendar)]
    return sorted(told, key=lambda one: one.at)
