"""The merchant's identity provider, and whom its word makes of somebody here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from domain.errors import IdentityRefused
from use_cases.customers import Customer, small


class Provider(Protocol):
    """Signs people in. Both raise ProviderUnavailable; claims are verified already."""

    async def begin(self, back: str, state: str, nonce: str, verifier: str) -> str:
        """The address a browser is sent to."""

    async def redeem(
        self, code: str, back: str, nonce: str, verifier: str, issuer: str | None
    ) -> Mapping[str, Any]:
        """Who came back with this code. Raises IdentityRefused."""


@dataclass(frozen=True)
class Identity:
    """`customer_claim` holds the merchant's own id of a customer, as orders name it."""

    provider: Provider
    customer_claim: str = "sub"
    email_claim: str = "email"

    def customer_of(self, claims: Mapping[str, Any]) -> Customer:
        """Somebody known by the merchant's id, by an address that was verified, or by both.

        Raises IdentityRefused for who is known by neither.
        """
        told = claims.get(self.customer_claim)
        is_ref = isinstance(told, (str, int)) and not isinstance(told, bool)
        email = claims.get(self.email_claim) if _is_verified(claims) else None
        customer = Customer(
            ref=(str(told).strip() or None) if is_ref else None,
            email=small(email) if isinstance(email, str) else None,
        )
        if customer.ref is None and customer.email is None:
            raise IdentityRefused("unknown")
        return customer


def _is_verified(claims: Mapping[str, Any]) -> bool:
    """An address anybody may have typed in proves nothing. Some providers write it as a word."""
    told = claims.get("email_verified")
    return told is True or told == "true"
