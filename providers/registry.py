"""The payment providers of this installation, by the name that a tender carries."""

from collections.abc import Mapping

from domain.errors import ProviderUnknown
from providers.ports import PaymentProvider


class Providers:
    def __init__(self, by_name: Mapping[str, PaymentProvider]) -> None:
        self._by_name = dict(by_name)

    def get(self, name: str | None) -> PaymentProvider:
        """Raises ProviderUnknown, before anything was asked of anybody."""
        if name is None or name not in self._by_name:
            known = ", ".join(self.names) or "none"
            raise ProviderUnknown(f"there is no provider {name!r}; set up: {known}")
        return self._by_name[name]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._by_name))
