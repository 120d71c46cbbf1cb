"""What an identity provider publishes of itself: its addresses and its keys."""

from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import ProviderUnavailable

WELL_KNOWN = "/.well-known/openid-configuration"


class Discovered(BaseModel):
    """OpenID Connect Discovery 1.0, as much of it as we use."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


async def discover(client: httpx.AsyncClient, issuer: str) -> Discovered:
    """Read where a provider is to be asked. One that names itself otherwise isn't believed.

    Raises ProviderUnavailable.
    """
    told = await get_json(client, f"{issuer.rstrip('/')}{WELL_KNOWN}")
    try:
        found = Discovered.model_validate(told)
    except ValidationError:
        raise ProviderUnavailable("the identity provider's configuration is incomplete") from None
    if found.issuer != issuer:
        raise ProviderUnavailable(f"the identity provider is {found.issuer}, not {issuer}")
    return found


class Purpose(BaseModel):
    """What a key is for. One that doesn't say is for signatures, too: RFC 7517, 4.2."""

    use: object = "sig"


async def read_keys(client: httpx.AsyncClient, address: str) -> Sequence[Mapping[str, Any]]:
    """The keys that signatures are made with. Raises ProviderUnavailable."""
    told = await get_json(client, address)
    keys = told.get("keys")
    listed = keys if isinstance(keys, list) else []
    known = [key for key in listed if isinstance(key, dict)]
    return [key for key in known if Purpose.model_validate(key).use == "sig"]


async def get_json(
    client: httpx.AsyncClient, address: str, bearer: str | None = None
) -> Mapping[str, Any]:
    """Raises ProviderUnavailable."""
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    try:
        answered = await client.get(address, headers=headers)
        told = answered.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise ProviderUnavailable("no answer from the identity provider") from error
    if not isinstance(told, dict):
        raise ProviderUnavailable("the identity provider's answer can't be read")
    return told
