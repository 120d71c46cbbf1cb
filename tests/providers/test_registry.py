"""Finding a provider by the name that a tender carries."""

import pytest

from domain.errors import FINAL, ProviderUnknown
from providers.registry import Providers
from providers.stripe.adapter import StripePayments


def test_a_provider_is_found_by_its_name() -> None:
    provider = StripePayments("sk_test_x")
    providers = Providers({"sandbox": provider})
    assert providers.get("sandbox") is provider
    assert providers.names == ("sandbox",)


@pytest.mark.parametrize("name", ["elsewhere", "", None])
def test_an_unknown_provider_can_never_work(name: str | None) -> None:
    with pytest.raises(ProviderUnknown) as unknown:
        Providers({}).get(name)
    assert unknown.value.code == "provider_unknown"
    assert ProviderUnknown.__name__ in FINAL
