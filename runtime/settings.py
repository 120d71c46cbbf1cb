"""What may be set from outside, read once by an entry point and passed down."""

import re
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AliasChoices,
    BeforeValidator,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.limits import USUAL, Limits, parse_limits
from domain.texts import known_zone, without_prefix
from runtime.durations import Duration
from runtime.footer import parse_footer

MostAlone = Annotated[
    Limits,
    NoDecode,
    BeforeValidator(lambda value: parse_limits(value) if isinstance(value, str) else value),
]
"""Amounts such as `100 EUR, 15000 JPY`, up to which one person may act alone."""


Footer = Annotated[
    tuple[tuple[str, str], ...],
    NoDecode,
    BeforeValidator(lambda value: parse_footer(value) if isinstance(value, str) else value),
]
"""Links such as `Imprint=https://shop.example/imprint, Privacy=https://shop.example/privacy`."""


class Settings(BaseSettings):
    """Environment variables, or lines of a file `.env` in the current folder.

    An address that isn't set means the embedded part: `rescind up` starts it and fills the address
    in for its children. Addresses may hold passwords, so they stay out of the printed form.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        populate_by_name=True,
    )

    database_url: str | None = Field(default=None, repr=False)
    temporal_address: str | None = None
    temporal_ui: str | None = Field(default=None, pattern=r"^https?://")
    temporal_namespace: str = "default"
    temporal_tls: bool = False
    temporal_api_key: SecretStr | None = None
    temporal_task_queue: str = "rescind"
    smtp_url: str | None = Field(default=None, repr=False)
    stripe_api_key: SecretStr | None = None
    stripe_webhook_secret: SecretStr = SecretStr("")
    stripe_api_base: str | None = None
    stripe_refund_application_fee: bool = False
    cards_url: str | None = None
    cards_database_url: str | None = Field(default=None, repr=False)
    cards_webhook_secret: SecretStr = SecretStr("")

    warehouse_url: str | None = Field(default=None, repr=False)
    warehouse_secret: SecretStr = SecretStr("")

    data: Path = Field(default=Path(".data"), validation_alias=AliasChoices("RESCIND_DATA", "data"))
    host: str = Field(default="127.0.0.1", validation_alias=AliasChoices("RESCIND_HOST", "host"))
    port: int = Field(
        default=8080, ge=1, le=65535, validation_alias=AliasChoices("RESCIND_PORT", "port")
    )
    public_url: str = ""
    mail_from: str = "Rescind <cancellations@rescind.example>"
    business_name: str = ""
    business_address: str = ""
    business_vat_id: str = ""
    business_email: str = "desk@rescind.example"
    business_zone: str = "Europe/Berlin"
    business_language: str = "en"
    portal_secret: SecretStr = SecretStr("")
    portal_name: str = "Rescind"
    portal_brand: str = Field(default="#4f46e5", pattern=r"^#[0-9a-fA-F]{6}$")
    portal_corners: Literal["none", "some", "full"] = "some"
    portal_logo: Path | None = None
    portal_contact: str | None = Field(default=None, pattern=r"^(https?://|/|mailto:|tel:)")
    portal_footer: Footer = ()
    portal_withdrawal: bool = True
    portal_reschedule_url: str = Field(default="", pattern=r"^$|^(https?://|/|mailto:)")
    portal_oidc_issuer: str | None = None
    portal_oidc_client_id: str = Field(default="", validate_default=True)
    portal_oidc_client_secret: SecretStr = SecretStr("")
    portal_oidc_customer_claim: str = "sub"
    portal_oidc_email_claim: str = "email"
    portal_leniency: int = Field(default=1, ge=1)
    trusted_proxies: str = "127.0.0.1,::1"
    refund_patience: Duration = timedelta(seconds=30)
    refund_horizon: Duration = timedelta(days=45)
    ask_patience: Duration = timedelta(seconds=5)
    quote_life: Duration = timedelta(minutes=15)
    evidence_kept: Duration = timedelta(days=90)
    refund_solo_limit: MostAlone = USUAL
    manual_payout_limit: MostAlone = USUAL
    stream_heartbeat: Duration = timedelta(seconds=15)
    streams_per_key: int | None = Field(default=None, ge=1)

    @field_validator("database_url")
    @classmethod
    def _is_postgresql(cls, url: str | None) -> str | None:
        if url and not url.startswith(("postgresql://", "postgres://", "postgresql+asyncpg://")):
            raise ValueError("it must begin with postgresql://")
        return url

    @field_validator("public_url")
    @classmethod
    def _is_origin(cls, url: str) -> str:
        if url and not re.fullmatch(r"https?://[^/?#\s]+/?", url):
            raise ValueError(
                "it is https:// and a name, without a path: pages stand below /my there"
            )
        return url

    @field_validator("portal_oidc_issuer")
    @classmethod
    def _is_issuer(cls, url: str | None) -> str | None:
        if url and not re.match(r"https://|http://(127\.0\.0\.1|localhost|\[::1\])[:/]", url):
            raise ValueError("it must begin with https://, unless it is on this machine")
        return url

    @field_validator("portal_oidc_client_id")
    @classmethod
    def _is_client(cls, client_id: str, info: ValidationInfo) -> str:
        if info.data.get("portal_oidc_issuer") and not client_id:
            raise ValueError("an identity provider is set, and knows us by an id")
        return client_id

    @field_validator("trusted_proxies")
    @classmethod
    def _are_proxies(cls, told: str) -> str:
        try:
            for one in told.split(","):
                ip_network(one.strip())
        except ValueError:
            raise ValueError("name addresses or networks, such as 10.0.0.0/8, not *") from None
        return told

    @field_validator("business_zone")
    @classmethod
    def _is_zone(cls, zone: str) -> str:
        return known_zone(zone)

    @field_validator("data")
    @classmethod
    def _absolute(cls, data: Path) -> Path:
        return data.expanduser().absolute()

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.temporal_api_key and not self.temporal_tls:
            object.__setattr__(self, "temporal_tls", True)
        if not self.public_url:
            object.__setattr__(self, "public_url", f"http://127.0.0.1:{self.port}")
        return self


def faults(error: ValidationError) -> list[str]:
    """What is wrong with each variable, without its value."""
    found = error.errors(include_input=False, include_url=False, include_context=False)
    return [f"{str(one['loc'][0]).upper()}: {without_prefix(one['msg'])}" for one in found]
