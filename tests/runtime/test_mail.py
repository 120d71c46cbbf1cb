"""The mail catcher keeps what it is sent."""

from email import message_from_bytes
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import pytest

from runtime import mail


async def test_each_mail_becomes_a_file_in_order_of_arrival(tmp_path: Path) -> None:
    async with mail.catching(tmp_path / "mail", 0) as url:
        for subject in ("first", "zweite – schön", "third"):
            await _send(url, subject)
    files = sorted((tmp_path / "mail").iterdir())
    mails = [message_from_bytes(file.read_bytes()) for file in files]
    assert [file.suffix for file in files] == [".eml"] * 3
    assert [mail["Message-ID"] for mail in mails] == ["<first>", "<zweite>", "<third>"]
    assert mails[0]["X-Envelope-To"] == "ada@customer.example"


async def test_a_full_disk_is_a_reason_to_try_again_later(tmp_path: Path) -> None:
    async with mail.catching(tmp_path / "mail", 0) as url:
        (tmp_path / "mail").rmdir()
        with pytest.raises(aiosmtplib.SMTPDataError) as refused:
            await _send(url, "lost?")
        assert refused.value.code == 452


async def _send(url: str, subject: str) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = (
        "desk@shop.example",
        "ada@x.example",
        subject,
    )
    message["Message-ID"] = f"<{subject.split()[0]}>"
    message.set_content("Your order is cancelled.")
    host, port = url.removeprefix("smtp://").split(":")
    await aiosmtplib.send(
        message, recipients=["ada@customer.example"], hostname=host, port=int(port)
    )
