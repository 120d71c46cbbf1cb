"""Webhooks of the card sandbox: signed by it, verified by the adapter."""

import json
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from domain.errors import WebhookRejected
from providers.sandbox_cards import SandboxCards
from sandbox import webhooks
from sandbox.cards import Cards
from tests.providers.conftest import SECRET

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _now() -> None:
    """Signatures grow old, so each test has a moment of its own."""
    global NOW
    NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
async def provider() -> SandboxCards:
    """A provider that is not connected: verifying a webhook asks nobody."""
    return SandboxCards(Cards(asyncpg.create_pool("postgresql://127.0.0.1:1/nothing")), SECRET)


async def test_a_good_webhook_hints_at_its_refunds(provider: SandboxCards) -> None:
    events = [webhooks.event("re_1", NOW, "evt_1"), webhooks.event("re_2", NOW, "evt_2")]
    body = webhooks.body(events)
    hints = provider.parse_webhook(webhooks.sign(SECRET, body, NOW), body)
    assert [(hint.event_id, hint.provider_ref, hint.occurred_at) for hint in hints] == [
        ("evt_1", "re_1", NOW),
        ("evt_2", "re_2", NOW),
    ]


async def test_the_headers_name_may_be_in_any_case(provider: SandboxCards) -> None:
    body = webhooks.body([webhooks.event("re_1", NOW)])
    headers = {name.upper(): value for name, value in webhooks.sign(SECRET, body, NOW).items()}
    assert len(provider.parse_webhook(headers, body)) == 1


async def test_news_of_other_things_are_no_hint(provider: SandboxCards) -> None:
    body = webhooks.body([webhooks.event("re_1", NOW) | {"type": "payout.paid"}])
    assert provider.parse_webhook(webhooks.sign(SECRET, body, NOW), body) == ()


async def test_a_tampered_body_is_rejected(provider: SandboxCards) -> None:
    body = webhooks.body([webhooks.event("re_1", NOW)])
    with pytest.raises(WebhookRejected, match="match"):
        provider.parse_webhook(webhooks.sign(SECRET, body, NOW), body.replace(b"re_1", b"re_2"))


async def test_another_secret_is_rejected(provider: SandboxCards) -> None:
    body = webhooks.body([webhooks.event("re_1", NOW)])
    with pytest.raises(WebhookRejected, match="match"):
        provider.parse_webhook(webhooks.sign("other", body, NOW), body)


async def test_an_old_webhook_cannot_be_made_young(provider: SandboxCards) -> None:
    body = webhooks.body([webhooks.event("re_1", NOW)])
    old = NOW - timedelta(hours=1)
    signed = webhooks.sign(SECRET, body, old)[webhooks.HEADER]
    young = signed.replace(str(int(old.timestamp())), str(int(NOW.timestamp())))
    with pytest.raises(WebhookRejected, match="match"):
        provider.parse_webhook({webhooks.HEADER: young}, body)


@pytest.mark.parametrize(
    ("age", "accepted"), [(290, True), (310, False), (-290, True), (-310, False)]
)
async def test_a_webhook_counts_for_five_minutes_either_way(
    provider: SandboxCards, age: int, accepted: bool
) -> None:
    body = webhooks.body([webhooks.event("re_1", NOW)])
    headers = webhooks.sign(SECRET, body, datetime.now(UTC) - timedelta(seconds=age))
    if accepted:
        assert len(provider.parse_webhook(headers, body)) == 1
    else:
        with pytest.raises(WebhookRejected, match="old"):
            provider.parse_webhook(headers, body)


async def test_one_right_signature_of_two_is_enough_while_a_secret_is_replaced(
    provider: SandboxCards,
) -> None:
    body = webhooks.body([webhooks.event("re_1", NOW)])
    new = webhooks.sign("new", body, NOW)[webhooks.HEADER]
    right = webhooks.sign(SECRET, body, NOW)[webhooks.HEADER].partition(",")[2]
    headers = {webhooks.HEADER: f"{new},{right}"}
    assert len(provider.parse_webhook(headers, body)) == 1


@pytest.mark.parametrize("header", ["", "t=,v1=", "t=soon,v1=00", "v1=00", "t=1,t=2,v1=é", "t=1"])
async def test_a_header_that_is_no_signature_is_rejected(
    provider: SandboxCards, header: str
) -> None:
    with pytest.raises(WebhookRejected):
        provider.parse_webhook({webhooks.HEADER: header}, b"{}")


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"events":[{}]}', b'{"events":5}', b"\xff", b'{"events":["x"]}']
)
async def test_a_signed_body_in_another_form_is_rejected(
    provider: SandboxCards, body: bytes
) -> None:
    with pytest.raises(WebhookRejected, match="form"):
        provider.parse_webhook(webhooks.sign(SECRET, body, NOW), body)


async def test_a_hints_bad_instant_is_rejected(provider: SandboxCards) -> None:
    event = webhooks.event("re_1", NOW) | {"created": 10**30}
    body = json.dumps({"events": [event]}).encode()
    with pytest.raises(WebhookRejected, match="form"):
        provider.parse_webhook(webhooks.sign(SECRET, body, NOW), body)
