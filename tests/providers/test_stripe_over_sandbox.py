"""Stripe's adapter keeps the contract, with the card sandbox on the other side."""

from tests.providers.contract import (
    FollowingContract,
    HoldContract,
    KeyContract,
    LimitContract,
    ReadingContract,
    RefundContract,
    SilenceContract,
    WebhookContract,
)


class TestRefunds(RefundContract): ...


class TestLimits(LimitContract): ...


class TestReading(ReadingContract): ...


class TestKeys(KeyContract): ...


class TestSilence(SilenceContract): ...


class TestFollowing(FollowingContract): ...


class TestHolds(HoldContract): ...


class TestWebhooks(WebhookContract): ...
