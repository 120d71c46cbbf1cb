"""Made-up news, one for each mail, for the preview and for the tests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from domain.decisions import Finding, Outcome
from domain.subjects import Handling, Kind, SubjectRef
from notifications import catalogue
from notifications.news import Audience, Item, News, Payback, Template

_REQUESTED = datetime(2026, 3, 3, 13, 30, tzinfo=UTC)
_START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
_FINDINGS = {
    Template.NEEDS_YOU: (Finding(code="approval_late"),),
    Template.DECLINED: (Finding(code="too_late", params={"until": "2026-03-03T09:00:00+00:00"}),),
    Template.CANCELLED: (
        Finding(code="late_fee", params={"until": "2026-03-03T09:00:00+00:00", "fee_minor": 1_250}),
    ),
}


def example(template: Template, audience: Audience, language: str, kind: Kind) -> News:
    """One believable case in the state that this mail tells of."""
    waits = template in (Template.RECEIVED, Template.NEEDS_YOU)
    return News(
        template=template,
        audience=audience,
        cancellation_id=UUID("8f14e45f-ceea-467f-a0e6-1a2b3c4d5e6f"),
        subject=SubjectRef(kind=kind, id="1042"),
        language=language,
        zone="Europe/Berlin",
        customer_zone="America/New_York",
        customer_name="Ada Müller",
        customer_email="ada@customer.example",
        starts_at=_START if kind is Kind.APPOINTMENT else None,
        requested_at=_REQUESTED,
        reason="Plans have changed",
        note="My daughter is ill.\nCould you be kind?" if audience is Audience.BUSINESS else None,
        outcome=Outcome.NEEDS_APPROVAL if waits else Outcome.ALLOWED,
        cause={Template.DECLINED: "rules", Template.RESTORED: "refund_rejected"}.get(template),
        findings=_FINDINGS.get(template, ()),
        currency="EUR",
        items=_ITEMS[kind],
        paybacks=_PAYBACKS,
        refund_minor=3_750,
        fee_minor=1_250,
        due_minor=500 if kind is Kind.APPOINTMENT else 0,
        is_partial=kind is Kind.ORDER,
        approval_until=datetime(2026, 3, 4, 13, 30, tzinfo=UTC) if waits else None,
        undo_until=datetime(2026, 3, 3, 14, 0, tzinfo=UTC),
        keeps_terms=True,
        payback=_PAYBACKS[1],
        due_by=datetime(2026, 3, 17, 22, 59, tzinfo=UTC),
        step="update_status",
        failure="the database did not answer",
        record_url="https://shop.example/v1/cancellations/8f14e45f"
        if audience is Audience.BUSINESS
        else "",
    )


def examples() -> Iterator[News]:
    """Every mail for everybody who gets it, in every language and for both kinds of subject."""
    mails = catalogue.load(catalogue.DEFAULT)["mails"]
    for language in sorted(catalogue.languages()):
        for template, audiences in mails.items():
            for audience in audiences:
                for kind in Kind:
                    yield example(Template(template), Audience(audience), language, kind)


_ITEMS = {
    Kind.ORDER: (
        Item(
            title="Espresso cup, hand-glazed <blue>",
            quantity=2,
            price_minor=3_200,
            fee_minor=800,
            refund_minor=2_400,
        ),
        Item(
            title="Barista course",
            quantity=1,
            price_minor=1_800,
            fee_minor=450,
            refund_minor=1_350,
            starts_at=_START,
        ),
    ),
    Kind.APPOINTMENT: (
        Item(
            title="Cut and colour with Ivo",
            quantity=1,
            price_minor=5_000,
            fee_minor=1_250,
            refund_minor=3_750,
        ),
    ),
}
_PAYBACKS = (
    Payback(
        method="gift_card",
        handling=Handling.LEDGER,
        form="original",
        timing="immediate",
        amount_minor=1_000,
    ),
    Payback(
        method="credit_card",
        handling=Handling.PROVIDER,
        form="original",
        timing="business_days_5_7",
        amount_minor=2_750,
    ),
)
