from email import message_from_bytes, policy
from pathlib import Path

from notifications import catalogue
from notifications.preview import write


def test_the_preview_holds_every_mail_in_every_language(tmp_path: Path) -> None:
    count = write(tmp_path / "mails")
    files = sorted(file.name for file in (tmp_path / "mails").iterdir())
    assert len(files) == 3 * count
    for language in catalogue.languages():
        file = tmp_path / "mails" / f"cancelled-customer-order.{language}.eml"
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        assert mail["Content-Language"] == language
