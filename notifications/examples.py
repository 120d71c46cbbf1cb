"""Made-up news, one for each mail, for the preview and for the tests."""

from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import UUID

from domain.decisions import Finding, Outcome
from domain.subjects import Handling, Kind, SubjectRef
from notifications import catalogue
from notifications.look import Look
from notifications.news import Audience, Item, News, Payback, Template

_REQUESTED = datetime(2026, 3, 3, 13, 30, tzinfo=UTC)
_START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
_CASE = UUID("8f14e45f-ceea-467f-a0e6-1a2b3c4d5e6f")
_REFUND = UUID("3c59dc04-8e88-5024-8bbe-8ad5a7d3a7b1")
_CAUSES = {
    Template.DECLINED: "rules",
    Template.RESTORED: "refund_rejected",
    Template.REFUND_DECLINED: "staff",
}
_FINDINGS = {
    Template.NEEDS_YOU: (Finding(code="approval_late"),),
    Template.DECLINED: (Finding(code="too_late", params={"until": "2026-03-03T09:00:00+00:00"}),),
    Template.CANCELLED: (
        Finding(code="late_fee", params={"until": "2026-03-03T09:00:00+00:00", "fee_minor": 1_250}),
    ),
}


_REFUND_MAILS = (Template.REFUND_ASKED, Template.REFUND_APPROVED, Template.REFUND_DECLINED)
_WAYS = frozenset({"retry", "skip", "settle_by_hand", "store_credit"})
LOOK = Look(
    name="Example shop",
    colour="#0b7a5b",
    contact="mailto:desk@shop.example",
    preferences="https://shop.example/my/preferences",
    footer=(("shop.example", "https://shop.example/"),),
)


def example(template: Template, audience: Audience, language: str, kind: Kind) -> News:
    """One believable case in the state that this mail tells of."""
    waits = template in (Template.RECEIVED, Template.NEEDS_YOU)
    is_business, is_asked = audience is Audience.BUSINESS, template in _REFUND_MAILS
    return News(
        template=template,
        audience=audience,
        cancellation_id=None if is_asked else _CASE,
        request_id=_CASE if is_asked else None,
        subject=SubjectRef(kind=kind, id="1042"),
        language=language,
        zone="Europe/Berlin",
        customer_zone="America/New_York",
        customer_name="Ada Müller",
        customer_email="ada@customer.example",
        starts_at=_START if kind is Kind.APPOINTMENT else None,
        requested_at=_REQUESTED,
        reason="Plans have changed",
        note="My daughter is ill.\nCould you be kind?" if is_business else None,
        files=2 if is_business else 0,
        outcome=Outcome.NEEDS_APPROVAL if waits else Outcome.ALLOWED,
        cause=_CAUSES.get(template),
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
        refund_id=_REFUND,
        waits="customer" if template is Template.REFUND_ATTENTION else None,
        choices=_WAYS,
        answer_by=datetime(2026, 3, 10, 13, 30, tzinfo=UTC),
        due_by=datetime(2026, 3, 17, 22, 59, tzinfo=UTC),
        step="update_status",
        failure="the database did not answer",
        record_url="https://shop.example/v1/cancellations/8f14e45f" if is_business else "",
        page_url="" if is_business else "https://shop.example/my/open/1042",
        run_url="https://temporal.shop.example/cancellation/order/1042/1" if is_business else "",
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
