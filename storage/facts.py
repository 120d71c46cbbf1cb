"""A subject's rows as the facts that a decision looks at."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.errors import PolicyInvalid, PolicyNotFound, PolicyUnreadable
from domain.facts import CustomerFacts, Facts
from domain.lifecycle import SubjectState
from domain.policy.policy import Policy
from domain.policy.reading.policies import parse_policy
from domain.promotions import Promotion
from domain.records import Record
from domain.subjects import Line, SubjectRef, Tender
from domain.values import Moment
from storage import refunds, subjects, tenders
from storage.policies import PolicyRow, PolicyVersionRow
from storage.subjects import LineRow, SubjectRow
from storage.tenders import TenderRow


async def load(session: AsyncSession, row: SubjectRow) -> tuple[Facts, Policy]:
    """Read a subject's facts and the policy frozen on it."""
    policy, settings = await frozen_policy(session, row.policy_id, row.policy_version)
    lines = await subjects.lines_of(session, row.id)
    paid = await tenders.of_subject(session, row.id)
    claimed = await refunds.claimed(session, row.id, unanswered=False)
    return build(row, lines, paid, settings, claimed), policy


def build(
    row: SubjectRow,
    lines: list[LineRow],
    paid: list[TenderRow],
    settings: dict[str, Any],
    claimed: Mapping[str, int] = {},
) -> Facts:
    """Put rows together. They were checked when they came in and aren't again.

    `claimed` is what refunds on record want of each tender, that it doesn't count as pending yet.
    """
    return Facts.model_construct(
        kind=row.kind,
        stage=row.stage,
        state=row.cancellation_state,
        placed_at=row.placed_at,
        starts_at=moment(row.starts_at, row.starts_on),
        ends_at=moment(row.ends_at, row.ends_on),
        original_starts_at=moment(row.original_starts_at, row.original_starts_on),
        delivered_at=row.delivered_at,
        reschedules=row.reschedules,
        window_closed_at=row.window_closed_at,
        zone=row.zone,
        currency=row.currency,
        lines=tuple(line(each) for each in lines),
        tenders=tuple(tender(each, claimed.get(each.id, 0)) for each in paid),
        promotions=tuple(Promotion.model_validate(each) for each in row.promotions),
        carried_minor=row.carried_minor,
        customer=CustomerFacts.model_validate(row.customer_counters),
        consents=row.consents,
        attributes=_told_beside(row) | row.attributes,
        settings=settings,
    )


def _told_beside(row: SubjectRow) -> dict[str, Any]:
    """What has a column of its own, as a policy asks for it: `attributes.channel` and the like."""
    told = {"channel": row.channel, "brand": row.brand, "place": row.place}
    return {name: value for name, value in told.items() if value is not None}


def first_told(subject: SubjectRef, told: Record, placed_at: datetime) -> Facts:
    """The facts of a subject that isn't kept yet, as its first report tells it, `placed_at` then
    if that doesn't say."""
    row = SubjectRow(
        kind=subject.kind,
        ref=subject.id,
        cancellation_state=SubjectState.NONE,
        reschedules=0,
        carried_minor=0,
        **{**told.subject, "placed_at": placed_at},
    )
    return build(
        row,
        [
            LineRow(id=id_, quantity_cancelled=0, refunded_minor=0, **each)
            for id_, each in told.lines.items()
        ],
        [
            TenderRow(id=id_, pending_minor=0, returned_minor=0, **each)
            for id_, each in told.tenders.items()
        ],
        {},
    )


def line(row: LineRow) -> Line:
    return Line.model_construct(
        id=row.id,
        sku=row.sku,
        title=row.title,
        kind=row.kind,
        category=row.category,
        component=row.component,
        quantity=row.quantity,
        quantity_cancelled=row.quantity_cancelled,
        unit_price_minor=row.unit_price_minor,
        discount_minor=row.discount_minor,
        tax_minor=row.tax_minor,
        tax_included_minor=row.tax_included_minor,
        tax_rate=row.tax_rate,
        refunded_minor=row.refunded_minor,
        status=row.status,
        person=row.person,
        starts_at=moment(row.starts_at, row.starts_on),
        ends_at=moment(row.ends_at, row.ends_on),
        attributes=row.attributes,
    )


def tender(row: TenderRow, claimed: int = 0) -> Tender:
    return Tender.model_construct(
        id=row.id,
        method=row.method,
        handling=row.handling,
        provider=row.provider,
        payment_ref=row.payment_ref,
        authorised_minor=row.authorised_minor,
        captured_minor=row.captured_minor,
        pending_minor=row.pending_minor + claimed,
        returned_minor=row.returned_minor,
        returned_elsewhere_minor=row.returned_elsewhere_minor,
    )


def moment(instant: datetime | None, day: date | None) -> Moment | None:
    """The instant where it is known, else the civil day."""
    return instant if instant is not None else day


async def frozen_policy(
    session: AsyncSession, policy_id: str, version: int
) -> tuple[Policy, dict[str, Any]]:
    """Read one version of a policy, with the merchant's settings for it.

    Raises PolicyUnreadable if what is kept is no policy (any more).
    """
    found = await session.execute(
        select(PolicyVersionRow.document, PolicyRow.settings)
        .join(PolicyRow, PolicyRow.id == PolicyVersionRow.policy_id)
        .where(PolicyVersionRow.policy_id == policy_id, PolicyVersionRow.version == version)
    )
    row = found.one_or_none()
    if row is None:
        raise PolicyNotFound(f"there is no version {version} of policy {policy_id}")
    document, settings = row
    return read_policy(policy_id, version, document), settings


def read_policy(policy_id: str, version: int, document: dict[str, Any]) -> Policy:
    """Read what is kept of a policy's version. Raises PolicyUnreadable."""
    try:
        return _parsed(json.dumps(document, sort_keys=True))
    except PolicyInvalid as error:
        raise PolicyUnreadable(policy_id, version) from error


@lru_cache(maxsize=256)
def _parsed(document: str) -> Policy:
    return parse_policy(json.loads(document))
