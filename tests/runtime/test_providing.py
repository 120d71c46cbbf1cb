"""Settings alone decide who has the cards."""

from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from runtime import ports
from runtime.providing import default_provider, open_providers, secrets_of
from runtime.settings import Settings
from sandbox import signing

BODY = b'{"type": "charge.updated"}'


@pytest.mark.parametrize(
    ("known", "names", "default"),
    [
        ({}, (), "sandbox"),
        ({"cards_url": f"http://{ports.LOOPBACK}:1"}, ("sandbox",), "sandbox"),
        ({"stripe_api_key": SecretStr("sk_live_geheim")}, ("stripe",), "stripe"),
        (
            {"stripe_api_key": SecretStr("sk_live_geheim"), "cards_url": "http://cards:1"},
            ("sandbox", "stripe"),
            "stripe",
        ),
    ],
)
async def test_a_provider_is_there_when_its_setting_is(
    known: dict[str, object], names: tuple[str, ...], default: str
) -> None:
    settings = Settings().model_copy(update=known)
    async with AsyncExitStack() as stack:
        assert open_providers(stack, settings).names == names
    assert default_provider(settings) == default
    assert "geheim" not in repr(settings)


async def test_while_a_webhook_secret_is_replaced_both_are_believed() -> None:
    known = {
        "stripe_api_key": SecretStr("sk_test_x"),
        "stripe_webhook_secret": SecretStr("whsec_new, whsec_old"),
    }
    async with AsyncExitStack() as stack:
        provider = open_providers(stack, Settings().model_copy(update=known)).get("stripe")
        for secret in ("whsec_new", "whsec_old"):
            headers = signing.headers(secret, BODY, datetime.now(UTC))
            assert provider.parse_webhook(headers, BODY) == ()


def test_an_empty_list_has_no_secret() -> None:
    assert secrets_of("") == secrets_of(" , ") == ()
