"""The customer's pages of an installation: who may come in, and how they look."""

import httpx

from notifications.smtp import Mailer
from providers.openid.provider import TIME_OUT, OpenIdProvider
from runtime.errors import StartupError
from runtime.links import signing_of
from runtime.settings import Settings
from use_cases.context import Context
from use_cases.streams import Streams
from web.portal.identity import Identity
from web.portal.portal import Portal
from web.shared import languages
from web.shared.assets import PICTURES
from web.shared.theme import Theme


def make(context: Context, streams: Streams, settings: Settings) -> Portal | None:
    signing = signing_of(settings)
    if signing is None:
        return None
    theme = theme_of(settings)
    mailer = Mailer(settings.smtp_url or "smtp://127.0.0.1:25")
    return Portal(
        context,
        streams,
        signing,
        theme,
        post=mailer.send,
        sender=settings.mail_from,
        public_url=settings.public_url.rstrip("/"),
        desk=settings.business_email,
        desk_language=languages.choose(settings.business_language),
        offers_withdrawal=settings.portal_withdrawal,
        reschedule_url=settings.portal_reschedule_url,
        identity=_identity(settings),
        leniency=settings.portal_leniency,
    )


def _identity(settings: Settings) -> Identity | None:
    if not settings.portal_oidc_issuer:
        return None
    claims = (settings.portal_oidc_customer_claim, settings.portal_oidc_email_claim)
    provider = OpenIdProvider(
        httpx.AsyncClient(timeout=TIME_OUT.total_seconds()),
        settings.portal_oidc_issuer,
        settings.portal_oidc_client_id,
        settings.portal_oidc_client_secret.get_secret_value() or None,
        wanted=(*claims, "email_verified"),
    )
    return Identity(provider, *claims)


def theme_of(settings: Settings) -> Theme:
    """Raises StartupError for a logo that can't be shown."""
    logo = settings.portal_logo
    if logo and not (logo.is_file() and logo.suffix[1:].lower() in PICTURES):
        kinds = ", ".join(sorted(PICTURES))
        raise StartupError(f"PORTAL_LOGO: {logo} is no file that ends in one of {kinds}.")
    return Theme(
        name=settings.portal_name,
        brand=settings.portal_brand,
        corners=settings.portal_corners,
        logo=logo,
        contact=settings.portal_contact or f"mailto:{settings.business_email}",
        footer=settings.portal_footer,
    )
