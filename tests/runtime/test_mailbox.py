"""The pages of the mail catcher: whatever a mail is, it can be looked at and does nothing."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from runtime import mail
from runtime.errors import StartupError
from runtime.mailbox import letters, pages
from runtime.mailbox.serving import serving

HTML = '<p onclick="x()">Dein Termin</p><script>alert(1)</script><img src="https://spy.example/1">'
EVIL = '"><script>alert(1)</script>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "mail").mkdir()
    return tmp_path / "mail"


@pytest.fixture
async def browser(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    async with serving(folder, 0) as url, httpx.AsyncClient(base_url=url) as client:
        yield client


async def test_a_caught_mail_is_listed_and_shown_with_all_its_parts(
    folder: Path, browser: httpx.AsyncClient
) -> None:
    async with mail.catching(folder, 0) as url:
        await _send(url, _a_mail())
    listed = (await browser.get("/")).text
    assert '<html lang="en">' in listed
    assert 'lang="de" dir="auto">Dein Termin am Donnerstag – abgesagt</a>' in listed
    assert "Ada &lt;ada@customer.example&gt;" in listed
    place = re.findall(r'href="(/mails/[^"]+)"', listed)[0]
    shown = (await browser.get(place)).text
    assert f'<iframe sandbox="" src="{place}/html"' in shown
    assert 'href="https://shop.example/c/1?a=1&amp;b=2"' in shown
    assert "X-Envelope-To" in shown
    assert "<script" not in shown
    raw = await browser.get(f"{place}/raw")
    assert raw.content == next(folder.glob("*.eml")).read_bytes()
    assert raw.headers["content-disposition"].startswith("attachment; filename*=UTF-8''2")
    attached = await browser.get(f"{place}/attachments/1")
    assert attached.content == b"BEGIN:VCALENDAR"
    assert attached.headers["content-type"] == "application/octet-stream"
    assert attached.headers["content-disposition"] == "attachment; filename*=UTF-8''%C3%BCber.ics"


async def test_html_of_a_mail_may_run_load_and_send_nothing(
    folder: Path, browser: httpx.AsyncClient
) -> None:
    _keep(folder, 1, _a_mail().as_bytes())
    html = await browser.get(f"/mails/{_name(1)}/html")
    assert html.text.strip() == HTML
    allowed = html.headers["content-security-policy"].split("; ")
    assert allowed[:3] == [
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "img-src data:",
    ]
    assert "sandbox" in allowed
    assert not [source for source in allowed if "script" in source]
    for path in ("/", f"/mails/{_name(1)}", "/style.css", "/mails/none"):
        answer = await browser.get(path)
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in (await browser.get("/")).headers["content-security-policy"]


async def test_fifty_mails_make_a_page_and_new_ones_do_not_shift_the_next(
    folder: Path, browser: httpx.AsyncClient
) -> None:
    for number in range(1, 121):
        _keep(folder, number, f"Subject: mail {number}\n\nx".encode())
    first = (await browser.get("/")).text
    assert _subjects(first) == [*range(120, 70, -1)]
    assert "1 to 50 of 120" in first
    _keep(folder, 121, b"Subject: mail 121\n\nx")
    (older,) = re.findall(r'href="(/\?before=[^"]+)"', first)
    second = (await browser.get(older)).text
    assert _subjects(second) == [*range(70, 20, -1)]
    assert "52 to 101 of 121" in second
    (oldest,) = re.findall(r'href="(/\?before=[^"]+)"', second)
    last = (await browser.get(oldest)).text
    assert _subjects(last) == [*range(20, 0, -1)]
    assert "Newest mails" in last
    assert "Older mails" not in last


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\xff\xfe",
        b"no header at all",
        b"Subject: =?utf-8?b?4oK?=\nFrom: =?x-nonsense?q?a?= <@>\n\nx",
        b"Subject: \xff\xfe raw bytes\nTo: \xc3\xa4\n\n\xff",
        b"Content-Type: text/plain; charset=klingon\n\n\xe4",
        b"Content-Type: text/html; charset=utf-16\n\n<p>odd",
        b"Content-Transfer-Encoding: base64\n\n!!!!=\n",
        b"Content-Type: multipart/mixed\n\n--x\n",
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: multipart/mixed",
        b'Content-Type: application/x; name*=nonsense%FF; name="\x00"\n\nx',
        b"Content-Type: message/rfc822\n\nSubject: inner\n\nx",
        b"".join(
            b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
            for n in range(3_000)
        ),
    ],
)
async def test_a_malformed_mail_breaks_nothing(
    folder: Path, browser: httpx.AsyncClient, content: bytes
) -> None:
    _keep(folder, 1, content)
    assert (await browser.get("/")).status_code == 200
    shown = await browser.get(f"/mails/{_name(1)}")
    assert shown.status_code == 200
    assert (await browser.get(f"/mails/{_name(1)}/raw")).content == content
    for path in re.findall(rf'"(/mails/{_name(1)}/[^"]+)"', shown.text):
        assert (await browser.get(path)).status_code == 200


_PIECES = st.sampled_from(
    [
        *(b"Subject: ", b"From: ", b"Content-Type: ", b"Content-Disposition: attachment; "),
        *(b"text/html; charset=", b"multipart/mixed; boundary=x", b"=?utf-8?b?", b"?=", b"--x\n"),
        *(b"filename*=utf-8''%", b'name="', b"\n", b"\n\n", b"\xff", b"\x00", b"<", b"(", b"@"),
        b"Content-Transfer-Encoding: base64\n",
    ]
)


@given(content=st.lists(_PIECES | st.binary(max_size=6), max_size=25).map(b"".join))
def test_any_bytes_can_be_shown(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.getbasetemp() / f"{_name(1)}.eml"
    file.write_bytes(content)
    shown = letters.letter(file)
    for words in (shown.text, shown.html, *shown.envelope[2:], *map(str, shown.headers)):
        (words or "").encode()


async def test_what_a_mail_says_is_never_markup_of_the_page(
    folder: Path, browser: httpx.AsyncClient
) -> None:
    head = f"Subject: {EVIL}\nFrom: {EVIL}\nTo: {EVIL}\nContent-Language: {EVIL}\n{EVIL}: x\n"
    attached = f'--x\n{head}Content-Type: a/b; name="{EVIL}"\n\nx\n--x\n\nhttp://{EVIL}\n--x--'
    kind = "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n"
    _keep(folder, 1, (head + kind + attached).encode())
    for path in ("/", f"/mails/{_name(1)}"):
        assert "<script" not in (await browser.get(path)).text


@pytest.mark.parametrize(
    ("given", "safe"),
    [
        ("../../etc/passwd", "passwd"),
        (r"C:\temp\a.exe", "a.exe"),
        (".bashrc", "bashrc"),
        ("a\r\nX: y\x00.ics", "a__X_ y_.ics"),
        ("..", ""),
        ("Rechnung für Ada.pdf", "Rechnung für Ada.pdf"),
        ("x" * 300 + ".pdf", "x" * 96 + ".pdf"),
    ],
)
def test_the_name_of_a_download_is_safe_anywhere(given: str, safe: str) -> None:
    assert letters.file_name(given) == safe


async def test_only_this_machine_is_answered_only_mails_and_only_to_reading(
    folder: Path, browser: httpx.AsyncClient, tmp_path: Path
) -> None:
    (tmp_path / "secret.eml").write_bytes(b"Subject: secret\n\nx")
    (folder / "link.eml").symlink_to(tmp_path / "secret.eml")
    (folder / "draft.part").write_bytes(b"Subject: half\n\nx")
    for path in ("/mails/link", "/mails/draft", "/mails/..%2Fsecret", "/mails/%2e%2e", "/x"):
        assert (await browser.get(path)).status_code == 404
    rebound = {"Host": "spy.example"}
    assert (await browser.get("/", headers=rebound)).status_code == 400
    assert (await browser.get("/", headers={"Host": "localhost:8025"})).status_code == 200
    for method in ("POST", "PUT", "DELETE"):
        assert (await browser.request(method, "/")).status_code == 405


async def test_a_folder_that_is_not_there_has_no_mails(
    folder: Path, browser: httpx.AsyncClient
) -> None:
    folder.rmdir()
    assert "None yet" in (await browser.get("/")).text
    assert (await browser.get(f"/mails/{_name(1)}")).status_code == 404


async def test_a_port_in_use_is_told(folder: Path) -> None:
    async with serving(folder, 0) as url:
        with pytest.raises(StartupError, match="in use"):
            async with serving(folder, int(url.rpartition(":")[2])):
                pass


def test_templates_lie_beside_the_code() -> None:
    files = {path.name for path in (Path(pages.__file__).parent / "templates").iterdir()}
    assert {"layout.j2", "list.j2", "letter.j2", "missing.j2", "failed.j2", "style.css"} <= files


def _a_mail() -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"] = "Salon <desk@salon.example>", "Ada <ada@customer.example>"
    letter["Subject"] = "Dein Termin am Donnerstag – abgesagt"
    letter.set_content("Abgesagt. Mehr: https://shop.example/c/1?a=1&b=2.\n")
    letter.add_alternative(HTML, subtype="html")
    letter.add_attachment(
        b"BEGIN:VCALENDAR", maintype="text", subtype="calendar", filename="../über.ics"
    )
    letter["Content-Language"] = "de"
    return letter


async def _send(url: str, letter: EmailMessage) -> None:
    host, port = url.removeprefix("smtp://").split(":")
    await aiosmtplib.send(letter, hostname=host, port=int(port))


def _name(number: int) -> str:
    return f"{datetime(2026, 3, 1, 12, tzinfo=UTC):%Y%m%dT%H%M%S}.{number:06}Z-{number:04}"


def _keep(folder: Path, number: int, content: bytes) -> None:
    (folder / f"{_name(number)}.eml").write_bytes(content)


def _subjects(page: str) -> list[int]:
    return [int(number) for number in re.findall(r">mail (\d+)<", page)]
