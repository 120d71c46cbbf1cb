"""What a customer prefers, kept and obeyed."""

from email.message import EmailMessage

from tests.web.conftest import Pages
from tests.web.portal.asking import cancelled, fields, until
from use_cases import preferences
from use_cases.customers import Customer
from web.shared.paths import ROOT

HERE = f"{ROOT}/preferences"


async def test_a_mail_that_is_not_wanted_stays_away_and_one_that_must_go_goes(
    pages: Pages,
) -> None:
    order = await pages.shop.order("asks")
    visitor = await pages.customer_of(order)
    form = fields(await visitor.get(HERE))
    assert form["mail"] == ["received", "approved", "undone", "refunded"]
    await visitor.post(HERE, data=form | {"mail": ["refunded"]})
    assert fields(await visitor.get(HERE))["mail"] == ["refunded"]
    _, here = await cancelled(pages, order)
    await visitor.post(f"{here}/undo", data=fields(await visitor.get(here)))
    await until(visitor, here, "You took it back.")
    plain = await pages.shop.order()
    _, there = await cancelled(pages, plain)
    page = await until(visitor, there, "We mailed")
    assert "ada@example.com" in page.text
    told = [_subject(mail) for mail in pages.mails.messages if "ada@example.com" in str(mail["To"])]
    assert len(told) == 1, told


async def test_what_is_kept_is_that_customers_alone_and_no_forged_form_changes_it(
    pages: Pages,
) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    form = fields(await visitor.get(HERE)) | {
        "mail": [],
        "language": ["de"],
        "zone": ["Asia/Tokyo"],
    }
    await visitor.post(HERE, data=form)
    ada = await preferences.get(pages.shop.context, Customer(ref="c1"))
    assert (ada.language, ada.zone, "received" in ada.unwanted) == ("de", "Asia/Tokyo", True)
    eve = await preferences.get(pages.shop.context, Customer(ref="c2"))
    assert not eve.unwanted
    forged = await visitor.post(HERE, data={"mails": "1", "language": "fr"})
    assert forged.status_code == 403
    assert await preferences.get(pages.shop.context, Customer(ref="c1")) == ada


async def test_who_is_not_signed_in_chooses_language_and_clock_and_no_mails(pages: Pages) -> None:
    visitor = pages.visitor()
    wrong = await visitor.post(HERE, data={"language": "de", "zone": "Mars/Olympus"})
    assert (wrong.status_code, 'href="#zone"' in wrong.text) == (422, True)
    assert not visitor.cookies.get("language")
    assert 'name="mail"' not in (await visitor.get(HERE)).text
    await visitor.post(HERE, data={"language": "de", "zone": "Asia/Tokyo", "scheme": "dark"})
    page = (await visitor.get(HERE)).text
    assert '<html lang="de" dir="ltr" data-scheme="dark">' in page
    assert 'value="Asia/Tokyo"' in page


async def test_the_clock_that_is_gone_by_is_named(pages: Pages) -> None:
    order = await pages.shop.order()
    visitor = await pages.customer_of(order)
    visitor.cookies.set("clock", "America/New_York")
    assert "Your device says America/New_York" in (await visitor.get(HERE)).text
    await pages.shop.change(order, customer_zone="Asia/Tokyo")
    page = (await visitor.get(HERE)).text
    assert "Your account says Asia/Tokyo" in page
    assert "Your device says" not in page


def _subject(mail: EmailMessage) -> str:
    return str(mail["Subject"])
