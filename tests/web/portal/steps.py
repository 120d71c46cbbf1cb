"""Steps that several tests take: an appointment to cancel, and the ways through choosing."""

from datetime import datetime, timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import httpx

from domain.reports import AppointmentReport
from domain.subjects import Kind, SubjectRef
from tests.api.conftest import STAFF
from tests.web.conftest import Pages
from tests.web.portal.test_flow import fields
from use_cases import records
from web.portal.visit import path_of
from web.shared.paths import ROOT


async def appointment(
    pages: Pages, policy: str = "shop", *, starts_in: timedelta = timedelta(days=3), **known: Any
) -> SubjectRef:
    """A cut for 40.00 EUR, paid by gift card."""
    starts_at: datetime = pages.shop.context.clock() + starts_in
    report: dict[str, Any] = {
        "stage": "booked",
        "policy": {"id": policy},
        "currency": "EUR",
        "placed_at": (starts_at - timedelta(days=30)).isoformat(),
        "starts_at": starts_at.isoformat(),
        "ends_at": (starts_at + timedelta(hours=1)).isoformat(),
        "customer": {"ref": "c1", "name": "Ada", "email": "ada@example.com"},
        "lines": [{"id": "1", "title": "Cut", "kind": "service", "unit_price_minor": 4_000}],
        "tenders": [{"id": "g", "method": "gift_card", "captured_minor": 4_000}],
    }
    subject = SubjectRef(kind=Kind.APPOINTMENT, id=f"a-{uuid4().hex[:12]}")
    told = AppointmentReport.model_validate(report | known)
    await records.report(pages.shop.context, STAFF, subject, told)
    return subject


def page_of(subject: SubjectRef) -> str:
    return f"{ROOT}{path_of(subject)}"


def text_of(page: httpx.Response) -> str:
    return unescape(page.text)


async def chosen(visitor: httpx.AsyncClient, subject: SubjectRef, **other: Any) -> httpx.Response:
    """Go to the choice, leave it as it stands but for what is named, and look it over."""
    here = f"{page_of(subject)}/cancel"
    return await visitor.post(here, data=fields(await visitor.get(here)) | other)


async def confirmed(
    visitor: httpx.AsyncClient, subject: SubjectRef, looked: httpx.Response, **other: Any
) -> httpx.Response:
    return await visitor.post(f"{page_of(subject)}/confirm", data=fields(looked) | other)
