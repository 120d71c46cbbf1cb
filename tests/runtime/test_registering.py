"""The card sandbox is told of the payments that go through it, of all that it can take."""

import pytest

from domain.errors import ProviderUnavailable
from domain.reports import Payment
from runtime import ports
from runtime.registering import SandboxRegistry
from sandbox import control
from sandbox.cards import Cards


def paid(ref: str, minor: int, currency: str = "EUR", **known: object) -> Payment:
    values: dict[str, object] = {
        "provider": "sandbox",
        "payment_ref": ref,
        "method": "card",
        "currency": currency,
        "authorised_minor": 0,
        "captured_minor": minor,
        "returned_elsewhere_minor": 0,
    }
    return Payment.model_validate(values | known)


async def test_amounts_are_told_in_stripes_units_and_what_is_of_others_is_not_told(
    database: str,
) -> None:
    registry = SandboxRegistry(database)
    await registry(
        [
            paid("crowns", 5, "ISK"),
            paid("parts", 1_000),
            paid("parts", 500, returned_elsewhere_minor=200),
            paid("stripes", 1_000, provider="stripe"),
        ]
    )
    await registry.close()
    async with Cards.open(database, 2) as cards:
        crowns, parts = [await control.payment(cards, ref) for ref in ("crowns", "parts")]
        assert await control.payment(cards, "stripes") is None
    assert crowns
    assert crowns.captured == 500
    assert parts
    assert parts.captured == 1_300


async def test_one_payment_that_can_not_be_told_keeps_no_other_back(
    database: str, caplog: pytest.LogCaptureFixture
) -> None:
    registry = SandboxRegistry(database)
    await registry([paid("p-1", 1_000)])
    await registry([paid("p-1", 1_000, "USD"), paid("half", 150, "MGA"), paid("p-2", 700)])
    await registry.close()
    async with Cards.open(database, 2) as cards:
        first, second = [await control.payment(cards, ref) for ref in ("p-1", "p-2")]
        assert await control.payment(cards, "half") is None
    assert first
    assert first.currency == "EUR"
    assert second
    assert second.captured == 700
    assert "p-1" in caplog.text
    assert "half" in caplog.text


async def test_a_sandbox_that_is_away_is_told_again_later() -> None:
    registry = SandboxRegistry(f"postgresql://ada@{ports.LOOPBACK}:1/none")
    with pytest.raises(ProviderUnavailable):
        await registry([paid("p-1", 1_000)])
    await registry.close()
