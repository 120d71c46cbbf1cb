"""Files that are sent along with a request for an exception."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import text
from temporalio.client import Client

from activities import news
from activities.evidence import Evidence
from activities.places import Places
from domain.contracts import Batch
from domain.evidence import MOST_BYTES
from domain.subjects import SubjectRef
from notifications.render import render
from storage.notifications import NotificationRow
from tests.web.conftest import Pages
from tests.web.portal.steps import page_of, text_of
from tests.web.portal.test_flow import fields
from use_cases.actors import Scope
from web.portal.cancelling import uploads
from web.portal.cancelling.uploads import MOST_BODY
from web.shared.paths import ROOT

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"photo" * 20
PDF = b"%PDF-1.7\n" + b"note" * 30
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 5
WEBP = b"RIFF\x24\x00\x00\x00WEBPVP8 " + b"picture" * 5
HEIC = b"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic" + b"picture" * 5
AVIF = b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00mif1avif" + b"picture" * 5
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
HTML = b"<!doctype html><script>alert(1)</script>"
NOTE = "I was ill, the note is with this"

File = tuple[str, bytes, str]


def a_file(name: str = "note.pdf", content: bytes = PDF, kind: str = "application/pdf") -> File:
    return (name, content, kind)


async def sent(
    visitor: httpx.AsyncClient, order: SubjectRef, *files: File, **other: Any
) -> httpx.Response:
    """Fill the form in and send it with these files, as a browser without a script does."""
    here = f"{page_of(order)}/exception"
    told = fields(await visitor.get(here)) | {"note": NOTE} | other
    return await visitor.post(here, data=told, files=[("files", file) for file in files])


async def kept(pages: Pages) -> list[tuple[str, str, int]]:
    async with pages.shop.context.sessions() as session:
        rows = await session.execute(
            text("SELECT name, media_type, size FROM evidence ORDER BY number")
        )
        return [tuple(row) for row in rows]


async def a_request(pages: Pages, *files: File) -> tuple[httpx.AsyncClient, httpx.Response]:
    """A customer whose packed order can't be cancelled, and the page that their request led to."""
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    done = await sent(visitor, order, *files)
    assert done.url.path.startswith(f"{ROOT}/cancellations/"), done.text
    return visitor, done


def id_of(done: httpx.Response) -> str:
    return done.url.path.rsplit("/", 1)[-1]


def links(page: httpx.Response) -> list[str]:
    return [
        part.split('"')[0] for part in page.text.split('href="')[1:] if "/evidence/" in part[:90]
    ]


async def test_files_are_kept_with_the_request_and_can_be_read_again(pages: Pages) -> None:
    photo = a_file("photo.JPG", JPEG * 1100, "image/jpeg")
    visitor, done = await a_request(pages, a_file(), photo)
    assert "You sent" in done.text
    assert 'note.pdf</bdi></a> <span class="muted">1 KB' in done.text
    assert 'photo.JPG</bdi></a> <span class="muted">121 KB' in done.text
    first, second = links(done)
    read = await visitor.get(first)
    assert (read.status_code, read.content) == (200, PDF)
    assert read.headers["content-type"] == "application/pdf"
    assert read.headers["content-disposition"].startswith('attachment; filename="note.pdf"')
    assert read.headers["x-content-type-options"] == "nosniff"
    assert read.headers["cache-control"] == "no-store"
    assert "sandbox" in read.headers["content-security-policy"]
    assert (await visitor.get(second)).content == photo[1]


@pytest.mark.parametrize(
    ("content", "kind", "name"),
    [
        (JPEG, "image/jpeg", "scan.jpg"),
        (PNG, "image/png", "scan.png"),
        (WEBP, "image/webp", "scan.webp"),
        (HEIC, "image/heic", "scan.heic"),
        (PDF, "application/pdf", "scan.pdf"),
    ],
)
async def test_what_a_file_is_its_content_says_not_its_name_or_the_browser(
    pages: Pages, content: bytes, kind: str, name: str
) -> None:
    await a_request(pages, a_file("scan", content, "text/html"))
    assert await kept(pages) == [(name, kind, len(content))]


@pytest.mark.parametrize(
    ("file", "said"),
    [
        (a_file("x.svg", SVG, "image/svg+xml"), "x.svg is neither a photo"),
        (a_file("x.jpg", SVG, "image/jpeg"), "x.jpg is neither a photo"),
        (a_file("x.pdf", HTML), "x.pdf is neither a photo"),
        (a_file("x.avif", AVIF, "image/avif"), "x.avif is neither a photo"),
        (a_file("x.pdf", b" %PDF-1.7"), "x.pdf is neither a photo"),
        (a_file("x.pdf", b""), "x.pdf is empty."),
        (a_file("x.pdf", PDF.ljust(MOST_BYTES + 1, b" ")), "x.pdf is larger than 5 MB."),
    ],
)
async def test_any_other_file_is_refused_and_what_was_typed_stays(
    pages: Pages, file: File, said: str
) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    seen = await sent(visitor, order, a_file(), file)
    words = text_of(seen).replace("<bdi>", "").replace("</bdi>", "")
    assert (seen.status_code, said in words) == (422, True)
    assert 'href="#files"' in seen.text
    assert "Please choose your files again" in seen.text
    assert f">{NOTE}</textarea>" in seen.text
    assert await kept(pages) == []


async def test_the_largest_file_there_may_be_is_taken(pages: Pages) -> None:
    await a_request(pages, a_file("x.pdf", PDF.ljust(MOST_BYTES, b" ")))
    assert await kept(pages) == [("x.pdf", "application/pdf", MOST_BYTES)]


async def test_too_many_files_are_refused(pages: Pages) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    seen = await sent(visitor, order, *[a_file(f"{n}.pdf", PDF + b"%d" % n) for n in range(4)])
    assert (seen.status_code, "Choose 3 files at most." in seen.text) == (422, True)
    assert await kept(pages) == []


async def test_a_body_that_is_too_large_is_not_read_whole_and_what_was_typed_stays(
    pages: Pages,
) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    seen = await sent(visitor, order, a_file("film.pdf", PDF.ljust(MOST_BODY + 1, b" ")))
    assert (seen.status_code, "The files are too large" in seen.text) == (422, True)
    assert f">{NOTE}</textarea>" in seen.text
    other = await visitor.post(f"{page_of(order)}/cancel", data={"note": "x" * 1_100_000})
    assert other.status_code == 413


async def test_what_a_stranger_sends_is_not_read_to_its_end_either(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_BODY", 200_000)
    monkeypatch.setattr(uploads, "MOST_READ", 500_000)
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        yield b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n'
        for _ in range(100):
            read += 1
            yield b" " * 64_000

    kind = {"content-type": "multipart/form-data; boundary=x"}
    here = f"{page_of(await pages.shop.order())}/exception"
    told = await pages.visitor().post(here, content=endless(), headers=kind)
    assert told.status_code == 401
    assert read < 20


async def test_a_form_without_files_or_that_no_page_sends_keeps_none(pages: Pages) -> None:
    visitor, done = await a_request(pages, a_file("", b"", "application/octet-stream"))
    assert "You sent" not in done.text
    order = await pages.shop.order(stage="packed")
    here = f"{page_of(order)}/exception"
    told = {"note": NOTE, "key": str(uuid4()), "chosen": "1", "line": "1"}
    forged = await visitor.post(here, data=told, files=[("files", a_file())])
    garbled = await visitor.post(
        here, content=b"--x\r\nno form", headers={"Content-Type": "multipart/form-data"}
    )
    assert (forged.status_code, garbled.status_code) == (403, 403)
    assert await kept(pages) == []


async def test_a_double_click_keeps_each_file_once(pages: Pages) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    here = f"{page_of(order)}/exception"
    told = fields(await visitor.get(here)) | {"note": NOTE}
    files = [("files", a_file()), ("files", a_file("same.pdf", PDF))]
    both = await asyncio.gather(*[visitor.post(here, data=told, files=files) for _ in range(2)])
    again = await visitor.post(here, data=told, files=files)
    assert len({seen.url.path for seen in (*both, again)}) == 1
    assert await kept(pages) == [("note.pdf", "application/pdf", len(PDF))]


async def test_a_request_that_joins_another_brings_its_files_along(pages: Pages) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    here = f"{page_of(order)}/exception"
    one, other = [fields(await visitor.get(here)) | {"note": NOTE} for _ in range(2)]
    first = await visitor.post(here, data=one, files=[("files", a_file())])
    second = await visitor.post(here, data=other, files=[("files", a_file("x.jpg", JPEG))])
    assert second.url.path == first.url.path
    assert ["note.pdf" in second.text, "x.jpg" in second.text] == [True, True]
    assert [(await visitor.get(link)).content for link in links(second)] == [PDF, JPEG]


async def test_the_slower_of_two_tabs_is_told_and_its_files_are_not_kept(pages: Pages) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    here = f"{page_of(order)}/exception"
    one, other = [fields(await visitor.get(here)) | {"note": NOTE} for _ in range(2)]
    await visitor.post(here, data=one, files=[("files", a_file())])
    part = other | {"line": "1", "quantity.1": "1"}
    late = await visitor.post(here, data=part, files=[("files", a_file("x.jpg", JPEG))])
    assert (late.status_code, "Another cancellation was sent first" in late.text) == (409, True)
    sessions, now = pages.shop.context.sessions, pages.shop.context.clock()
    await Evidence(sessions, timedelta(days=90)).forget_evidence(Batch(at=now))
    assert await kept(pages) == [("note.pdf", "application/pdf", len(PDF))]


async def test_with_other_files_a_form_sent_again_is_another_request(pages: Pages) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    here = f"{page_of(order)}/exception"
    told = fields(await visitor.get(here)) | {"note": NOTE}
    await visitor.post(here, data=told, files=[("files", a_file())])
    done = await visitor.post(here, data=told, files=[("files", a_file("x.jpg", JPEG))])
    assert len(links(done)) == 2


async def test_only_so_many_files_are_kept_with_one_order(pages: Pages) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    here = f"{page_of(order)}/exception"
    forms = [fields(await visitor.get(here)) | {"note": NOTE} for _ in range(5)]
    batches = [
        [("files", a_file(f"{n}.pdf", PDF + b"%d-%d" % (number, n))) for n in range(3)]
        for number in range(5)
    ]
    sending = [
        visitor.post(here, data=form, files=files)
        for form, files in zip(forms, batches, strict=True)
    ]
    answers = await asyncio.gather(*sending)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 422]
    (late,) = [answer for answer in answers if answer.status_code == 422]
    assert "Enough files were sent already" in late.text
    assert len(await kept(pages)) == 12


async def test_somebody_else_finds_no_file(pages: Pages) -> None:
    _, done = await a_request(pages, a_file())
    (link,) = links(done)
    stranger = await pages.visitor().get(link)
    order = await pages.shop.order(customer={"ref": "c2", "email": "eve@example.com"})
    other = await pages.customer_of(order)
    theirs = await other.get(link)
    assert [stranger.status_code, theirs.status_code] == [401, 404]
    assert [PDF in answer.content for answer in (stranger, theirs)] == [False, False]


async def test_a_file_belongs_to_one_cancellation(pages: Pages) -> None:
    visitor, first = await a_request(pages, a_file())
    _, second = await a_request(pages, a_file("other.pdf", PDF + b"2"))
    (link,) = links(first)
    crossed = link.replace(id_of(first), id_of(second))
    gone = [crossed, link + "99", link.rsplit("/", 1)[0] + "/99999999999", link + "x"]
    assert [(await visitor.get(path)).status_code for path in gone] == [404] * 4


async def test_a_name_is_cleaned_and_never_leads_out_of_a_folder(pages: Pages) -> None:
    evil = '..\\..\\etc/pass\u202ewd\r\n"<b>.exe'
    visitor, done = await a_request(pages, a_file(evil, JPEG, "image/jpeg"))
    ((name, _, _),) = await kept(pages)
    assert name.endswith(".jpg")
    assert not set(name) & set('/\\"<>\u202e\r\n')
    assert "<b>.exe" not in done.text
    read = await visitor.get(links(done)[0])
    assert read.headers["content-disposition"].startswith("attachment; filename=")


async def test_a_file_that_is_two_things_is_only_ever_saved_as_one(pages: Pages) -> None:
    visitor, done = await a_request(pages, a_file("x.html", JPEG + HTML, "text/html"))
    read = await visitor.get(links(done)[0])
    assert read.headers["content-type"] == "image/jpeg"
    assert read.headers["content-disposition"].startswith('attachment; filename="x.html.jpg"')
    assert read.headers["x-content-type-options"] == "nosniff"


async def test_who_may_decide_reads_the_files_over_the_api_and_nobody_else(pages: Pages) -> None:
    _, done = await a_request(pages, a_file("Attest Müller.pdf"))
    path = f"/v1/cancellations/{id_of(done)}/evidence"
    desk = await pages.shop.as_key(Scope.READ, Scope.CANCEL)
    approver = await pages.shop.as_key(Scope.DECIDE)
    (file,) = (await approver.get(path)).json()
    assert (file["name"], file["size"]) == ("Attest Müller.pdf", len(PDF))
    one = f"{path}/{file['number']}"
    assert [(await desk.get(each)).status_code for each in (path, one)] == [403, 403]
    assert (await pages.shop.anonymous().get(one)).status_code == 401
    read = await approver.get(one)
    assert (read.content, read.headers["content-type"]) == (PDF, "application/pdf")
    assert "filename*=UTF-8''Attest%20M%C3%BCller.pdf" in read.headers["content-disposition"]
    assert read.headers["x-content-type-options"] == "nosniff"
    missing = await approver.get(f"{path}/999999")
    assert (missing.status_code, missing.json()["code"]) == (404, "evidence_not_found")
    unknown = await approver.get(f"/v1/cancellations/{uuid4()}/evidence")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "cancellation_not_found")


async def test_files_are_deleted_when_their_time_after_the_decision_is_over(pages: Pages) -> None:
    visitor, done = await a_request(pages, a_file())
    approver = await pages.shop.as_key(Scope.DECIDE)
    sessions, now = pages.shop.context.sessions, pages.shop.context.clock()
    evidence = Evidence(sessions, timedelta(days=90))
    later = Batch(at=now + timedelta(days=89))
    long_after = Batch(at=now + timedelta(days=91))
    assert (await evidence.forget_evidence(long_after)).handled == 0, "nobody has decided yet"
    (await approver.post(f"/v1/cancellations/{id_of(done)}/decline")).raise_for_status()
    assert (await evidence.forget_evidence(later)).handled == 0
    assert (await evidence.forget_evidence(long_after)).handled == 1
    assert await kept(pages) == []
    assert (await visitor.get(links(done)[0])).status_code == 404
    assert "You sent" not in (await visitor.get(done.url.path)).text


async def test_nothing_is_kept_of_a_request_that_nobody_decides_about(pages: Pages) -> None:
    visitor, done = await a_request(pages, a_file())
    undone = await visitor.post(f"{done.url.path}/undo", data=fields(done))
    assert "taken back" in undone.text.lower()
    sessions, now = pages.shop.context.sessions, pages.shop.context.clock()
    forgotten = await Evidence(sessions, timedelta(days=90)).forget_evidence(Batch(at=now))
    assert forgotten.handled == 1


async def test_a_request_that_was_closed_or_refused_leaves_no_file(pages: Pages) -> None:
    await a_request(pages, a_file())
    sessions, now = pages.shop.context.sessions, pages.shop.context.clock()
    evidence = Evidence(sessions, timedelta(days=90))
    for state in ("open", "refused"):
        async with sessions.begin() as session:
            await session.execute(text("UPDATE requests SET state = :s"), {"s": state})
        left = (await evidence.forget_evidence(Batch(at=now))).handled
        assert left == (1 if state == "refused" else 0)


async def test_that_files_came_is_a_fact_and_what_is_in_them_stays_in_its_table(
    pages: Pages, temporal: Client
) -> None:
    _, done = await a_request(pages, a_file("diagnosis-xyz.pdf"))
    async with pages.shop.context.sessions() as session:
        body = await session.scalar(text("SELECT body -> 'evidence' FROM requests"))
        elsewhere = [
            str(await session.scalar(text(f"SELECT json_agg(t)::text FROM {table} t")))
            for table in ("requests", "events", "outbox", "decisions", "notifications")
        ]
    assert body == {"files": 1}
    assert "diagnosis-xyz" not in " ".join(elsewhere)
    staff = await pages.shop.as_key(Scope.READ)
    told = (await staff.get(f"/v1/cancellations/{id_of(done)}")).json()
    handle = temporal.get_workflow_handle(told["workflow_id"])
    assert "diagnosis-xyz" not in (await handle.fetch_history()).to_json()


async def test_the_setting_says_on_the_page_how_long_files_are_kept(pages: Pages) -> None:
    order = await pages.shop.order(stage="packed")
    visitor = await pages.customer_of(order)
    seen = await visitor.get(f"{page_of(order)}/exception")
    assert "They are deleted 90 days after the decision." in seen.text
    assert "Up to 3 files of at most 5 MB each" in seen.text


async def test_the_mail_to_who_decides_says_how_to_save_the_files(pages: Pages) -> None:
    _, done = await a_request(pages, a_file(), a_file("x.jpg", JPEG))
    command = f"rescind evidence {id_of(done)} --to evidence"
    async with pages.shop.context.sessions() as session:
        case = await news.load(session, UUID(id_of(done)))
    assert case.files == 2
    row = NotificationRow(
        template="needs_you", audience="business", data={}, created_at=case.cancellation.decided_at
    )
    told = news.tell(row, case, Places(public_url="http://rescind", language="en"))
    assert command in render(told).text
    row.audience = "customer"
    assert news.tell(row, case, Places(public_url="http://rescind", language="en")).files == 0
