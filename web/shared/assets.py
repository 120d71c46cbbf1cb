"""Files that pages need, our own and of installed packages, named by content and kept for good."""

import gzip
import hashlib
from importlib.resources import files
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response

from web.shared import theme
from web.shared.theme import Theme

_OWN = Path(__file__).parent / "static"
_TYPES = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
    "webp": "image/webp",
    "jpg": "image/jpeg",
}
PICTURES = frozenset(_TYPES) - {"css", "js"}
"""How the file of a logo may end."""

_ALONE = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""What a drawing may do that somebody opens by itself: be seen."""

_FOR_GOOD = "public, max-age=31536000, immutable"


class Assets:
    """All of them in memory, compressed once. `root` is where they are served. `logo` is the name
    of the merchant's, if there is one."""

    def __init__(self, root: str, look: Theme) -> None:
        self._root = root
        htmx = files("js_lib_htmx") / "static" / "htmx" / "htmx.min.js"
        contents = {
            "portal.css": (_OWN / "portal.css").read_bytes() + theme.stylesheet(look).encode(),
            "portal.js": (_OWN / "portal.js").read_bytes(),
            "clock.js": (_OWN / "clock.js").read_bytes(),
            "restored.js": (_OWN / "restored.js").read_bytes(),
            "htmx.js": htmx.read_bytes(),
        }
        self.logo = _logo_of(look)
        if look.logo and self.logo:
            contents[self.logo] = look.logo.read_bytes()
        self._named = {name: _named(name, content) for name, content in contents.items()}
        self._files = {self._named[name]: content for name, content in contents.items()}
        self._packed = {name: gzip.compress(content, 9) for name, content in self._files.items()}

    def link(self, name: str) -> str:
        return f"{self._root}/static/{self._named[name]}"

    def serve(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name not in self._files:
            return Response(status_code=404)
        headers = {"Cache-Control": _FOR_GOOD, "Vary": "Accept-Encoding"}
        body = self._files[name]
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = self._packed[name], "gzip"
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Content-Security-Policy"] = _ALONE
        return Response(body, headers=headers, media_type=_TYPES[name.rpartition(".")[2]])


def _logo_of(look: Theme) -> str | None:
    return f"logo{look.logo.suffix.lower()}" if look.logo else None


def _named(name: str, content: bytes) -> str:
    stem, _, kind = name.partition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{kind}"
