"""What an installation's mails are set to: who writes, how they look, where they lead."""

from urllib.parse import quote

from activities.notifications import MailSettings
from notifications.look import Look
from runtime import links
from runtime.settings import Settings
from web.shared.assets import Assets
from web.shared.paths import ROOT
from web.shared.theme import Theme


def mail_settings(settings: Settings) -> MailSettings:
    return MailSettings(
        sender=settings.mail_from,
        business=settings.business_email,
        public_url=settings.public_url,
        language=settings.business_language,
        look=look(settings),
        page_of=links.page_of(settings),
        runs=runs(settings),
    )


def look(settings: Settings) -> Look:
    """The look of the customers' pages; what leads to them only where there are any."""
    has_pages = links.signing_of(settings) is not None
    home = f"{settings.public_url.rstrip('/')}{ROOT}"
    contact = settings.portal_contact or f"mailto:{settings.business_email}"
    is_own = contact.startswith("/")
    return Look(
        name=settings.portal_name,
        colour=settings.portal_brand,
        corners=settings.portal_corners,
        logo=_logo(settings),
        contact=f"{settings.public_url.rstrip('/')}{contact}" if is_own else contact,
        preferences=f"{home}/preferences" if has_pages else None,
        footer=settings.portal_footer,
    )


def _logo(settings: Settings) -> str | None:
    """The address at which the pages serve it."""
    if settings.portal_logo is None or not settings.portal_logo.is_file():
        return None
    assets = Assets(ROOT, Theme(logo=settings.portal_logo))
    return f"{settings.public_url.rstrip('/')}{assets.link(assets.logo)}" if assets.logo else None


def runs(settings: Settings) -> str | None:
    """Where Temporal's UI shows the runs of our namespace, if it is known."""
    if not settings.temporal_ui:
        return None
    namespace = quote(settings.temporal_namespace, safe="")
    return f"{settings.temporal_ui.rstrip('/')}/namespaces/{namespace}/workflows"
