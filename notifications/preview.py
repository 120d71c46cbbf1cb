"""Writes every mail in every language into a folder, to be looked at."""

import sys
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from notifications import mail
from notifications.examples import LOOK, examples
from notifications.news import Audience, News
from notifications.render import Rendered, render


def write(folder: Path) -> int:
    """Write an .eml, an .html and a .txt for each, and say how many mails there are."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for news in examples():
        rendered = render(news, LOOK)
        name = f"{news.template}-{news.audience}-{news.subject.kind}.{rendered.language}"
        (folder / f"{name}.html").write_text(rendered.html, encoding="utf-8")
        (folder / f"{name}.txt").write_text(rendered.text, encoding="utf-8")
        (folder / f"{name}.eml").write_bytes(_eml(news, rendered))
        count += 1
    return count


def _eml(news: News, rendered: Rendered) -> bytes:
    customer = mail.address(news.customer_email, news.customer_name)
    business = mail.address("desk@shop.example", "Example shop")
    assert customer is not None
    assert business is not None
    letter = mail.build(
        rendered,
        sender=business,
        recipient=customer if news.audience is Audience.CUSTOMER else business,
        reply_to=None,
        message_id=f"<{news.template}.{news.audience}@preview.example>",
        about=news.about or UUID(int=0),
        is_request=news.cancellation_id is None,
        at=datetime(2026, 3, 3, 13, 31, tzinfo=UTC),
    )
    return letter.as_bytes()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m notifications.preview FOLDER")
    sys.stdout.write(f"{write(Path(sys.argv[1]))} mails\n")
