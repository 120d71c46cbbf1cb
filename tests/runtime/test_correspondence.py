"""What mails are set to follows from the settings that the pages have too."""

from pathlib import Path
from typing import Any
from uuid import uuid4

from pydantic import SecretStr

from runtime import correspondence
from runtime.settings import Settings

WITH_PAGES: dict[str, Any] = {"portal_secret": SecretStr("s" * 32)}


def _settings(folder: Path, **known: Any) -> Settings:
    told: dict[str, Any] = {"data": folder, "public_url": "https://shop.example/"} | known
    return Settings(_env_file=None, **told)


def test_mails_lead_to_the_pages_only_where_there_are_any(tmp_path: Path) -> None:
    without = correspondence.mail_settings(_settings(tmp_path))
    assert (without.page_of, without.look.preferences) == (None, None)
    mails = correspondence.mail_settings(_settings(tmp_path, **WITH_PAGES))
    assert mails.look.preferences == "https://shop.example/my/preferences"
    assert mails.page(uuid4(), "/cancellations/1").endswith("?then=/cancellations/1")


def test_the_look_is_that_of_the_pages(tmp_path: Path) -> None:
    logo = tmp_path / "logo.svg"
    logo.write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    look = correspondence.look(
        _settings(
            tmp_path,
            portal_name="Example shop",
            portal_brand="#0b7a5b",
            portal_corners="full",
            portal_logo=logo,
            portal_contact="/help",
            portal_footer=(("Imprint", "https://shop.example/imprint"),),
        )
    )
    assert (look.name, look.colour, look.radius) == ("Example shop", "#0b7a5b", "20px")
    assert look.logo is not None
    assert look.logo.startswith("https://shop.example/my/static/logo.")
    assert look.contact == "https://shop.example/help"
    assert look.footer == (("Imprint", "https://shop.example/imprint"),)


def test_who_set_no_contact_is_reached_by_mail(tmp_path: Path) -> None:
    look = correspondence.look(_settings(tmp_path, business_email="desk@shop.example"))
    assert look.contact == "mailto:desk@shop.example"


def test_a_run_is_named_by_its_address_in_temporals_ui(tmp_path: Path) -> None:
    assert correspondence.mail_settings(_settings(tmp_path)).run("refund/1") == ""
    shown = _settings(tmp_path, temporal_ui="http://127.0.0.1:8233")
    assert correspondence.mail_settings(shown).run("cancellation/order/1042/1") == (
        "http://127.0.0.1:8233/namespaces/default/workflows/cancellation%2Forder%2F1042%2F1"
    )
