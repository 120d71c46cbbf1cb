"""The pages of the mail catcher: a list and a mail. They read, and change nothing."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from runtime.mailbox import letters

PAGE = 50
_FOLDER = Path(__file__).parent / "templates"
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]")
_ALWAYS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_OURS = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_THEIRS = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
)
"""What somebody wrote runs nothing, loads nothing and sends nothing, framed or alone."""


def application(folder: Path, host: str) -> Starlette:
    """Show the mails in `folder` to browsers that ask for this machine by a name of its own.

    Another name in the Host header is a page elsewhere that had its name point here.
    """
    pages = Pages(folder)
    mail = "/mails/{id}"
    return Starlette(
        routes=[
            Route("/", pages.list_of_mails),
            Route("/style.css", pages.style),
            Route(mail, pages.mail),
            Route(f"{mail}/html", pages.html),
            Route(f"{mail}/raw", pages.raw),
            Route(f"{mail}/attachments/{{number:int}}", pages.attachment),
        ],
        middleware=[
            Middleware(
                TrustedHostMiddleware,
                allowed_hosts=["127.0.0.1", "localhost", host],
                www_redirect=False,
            )
        ],
        exception_handlers={
            404: pages.missing,
            FileNotFoundError: pages.missing,
            500: pages.failed,
        },
    )


class Pages:
    """Routes run in threads, since files are read; a mail is read anew each time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._templates = Environment(
            loader=FileSystemLoader(_FOLDER),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._templates.filters.update(moment=_moment, size=_size, linked=_linked)

    def list_of_mails(self, request: Request) -> Response:
        """Newest first; `before` names the last mail of the page before this one."""
        before = request.query_params.get("before")
        ids = letters.ids(self._folder)
        older = [id_ for id_ in ids if before is None or id_ < before]
        mails = [*self._envelopes(older[:PAGE])]
        more = older[PAGE - 1] if len(older) > PAGE else None
        first = len(ids) - len(older) + 1
        return self._page(
            "list.j2", mails=mails, total=len(ids), first=first, more=more, folder=self._folder
        )

    def mail(self, request: Request) -> Response:
        file = self._file(request)
        if file is None:
            return self.missing()
        found = letters.letter(file)
        return self._page("letter.j2", letter=found, mail=found.envelope)

    def html(self, request: Request) -> Response:
        file = self._file(request)
        found = letters.letter(file).html if file else None
        if found is None:
            return self.missing()
        return HTMLResponse(found, headers=_ALWAYS | {"Content-Security-Policy": _THEIRS})

    def raw(self, request: Request) -> Response:
        file = self._file(request)
        return _download(file.read_bytes(), file.name, "message/rfc822") if file else self.missing()

    def attachment(self, request: Request) -> Response:
        file = self._file(request)
        attached = letters.letter(file).attachments if file else ()
        number = request.path_params["number"]
        if not 1 <= number <= len(attached):
            return self.missing()
        one = attached[number - 1]
        return _download(one.content, one.name, "application/octet-stream")

    def style(self, request: Request) -> Response:
        css = (_FOLDER / "style.css").read_bytes()
        return Response(css, media_type="text/css", headers=_ALWAYS)

    def missing(self, request: Request | None = None, error: Exception | None = None) -> Response:
        return self._page("missing.j2", 404)

    def failed(self, request: Request, error: Exception) -> Response:
        return self._page("failed.j2", 500)

    def _envelopes(self, ids: Iterable[str]) -> Iterator[letters.Envelope]:
        for id_ in ids:
            if file := letters.file_of(self._folder, id_):
                with suppress(FileNotFoundError):  # a reset may empty the folder meanwhile
                    yield letters.envelope(file)

    def _file(self, request: Request) -> Path | None:
        return letters.file_of(self._folder, request.path_params["id"])

    def _page(self, template: str, status: int = 200, **known: object) -> Response:
        page = self._templates.get_template(template).render(version=version("rescind"), **known)
        return HTMLResponse(page, status, headers=_ALWAYS | {"Content-Security-Policy": _OURS})


def _download(content: bytes, name: str, kind: str) -> Response:
    disposition = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    headers = {"Content-Disposition": disposition, "Content-Security-Policy": _THEIRS}
    return Response(content, media_type=kind, headers=_ALWAYS | headers)


def _moment(at: datetime) -> str:
    """In this machine's zone."""
    return at.astimezone().strftime("%a %d %b %Y, %H:%M:%S %Z")


def _size(content: bytes) -> str:
    return f"{len(content):,} bytes" if len(content) < 10_000 else f"{len(content) / 1000:,.0f} kB"


def _linked(text: str) -> Markup:
    """Plain text with its addresses of pages as links."""
    done, position = Markup(), 0
    for found in _LINK.finditer(text):
        link = Markup('<a href="{0}" rel="noopener noreferrer">{0}</a>').format(found[0])
        done += escape(text[position : found.start()]) + link
        position = found.end()
    return done + escape(text[position:])
