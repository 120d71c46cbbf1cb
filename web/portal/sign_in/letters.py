"""The one mail that pages send themselves: a link that opens somebody's orders once."""

from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from notifications.colours import LIGHT, brand
from web.portal.portal import Portal
from web.shared.pages import Words
from web.shared.paths import ROOT

MINUTES = 30
"""How long the link works."""


def link_letter(portal: Portal, words: Words, to: str, path: str) -> EmailMessage:
    """Nobody is named in it: it may reach a mailbox that several people read."""
    link = f"{portal.public_url}{ROOT}{path}"
    title = str(words.say("Your orders and appointments"))
    colour = brand(portal.theme.brand, LIGHT).colour
    facts = {"link": link, "title": title, "minutes": MINUTES, "colour": colour}
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = portal.sender, to, title
    letter["Date"], letter["Message-ID"] = formatdate(), make_msgid(domain="rescind")
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(portal.pages.render("letter.txt", words, **facts))
    letter.add_alternative(portal.pages.render("letter.html", words, **facts), subtype="html")
    letter["Content-Language"] = words.language
    return letter
