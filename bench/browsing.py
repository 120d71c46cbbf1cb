"""A browser without a screen: keeps its connection and its cookie, and counts every byte."""

import asyncio
import gzip
import re
import time
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlencode, urlsplit

from web.portal.visit import SESSION

_NEEDED = re.compile(r'<(?:link rel="stylesheet"|script|img)[^>]*?(?:href|src)="(/[^"]+)"')
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


class Page(NamedTuple):
    """What came: `weight` is all bytes of the answer on the wire, `seconds` until the last one.
    `leads_to` is where a browser goes on."""

    status: int
    text: str
    weight: int
    seconds: float
    leads_to: str

    @property
    def needs(self) -> list[str]:
        """The style sheets, scripts and pictures that a browser fetches for it."""
        return list(dict.fromkeys(_NEEDED.findall(self.text)))

    @property
    def hidden(self) -> dict[str, str]:
        """The hidden fields of its forms, as they are sent back."""
        return dict(_HIDDEN.findall(self.text))


@dataclass
class Browser:
    """One visitor of one server, over one connection. Use `at` to make it."""

    host: str
    secret: str
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    @classmethod
    async def at(cls, address: str, secret: str = "") -> "Browser":
        place = urlsplit(address)
        opened = await asyncio.open_connection(place.hostname, place.port, limit=2**22)
        return cls(place.netloc, secret, *opened)

    async def get(self, path: str, **headers: str) -> Page:
        return await self._ask("GET", path, b"", headers)

    async def post(self, path: str, fields: dict[str, str]) -> Page:
        body = urlencode(fields).encode()
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return await self._ask("POST", path, body, kind)

    def close(self) -> None:
        self.writer.close()

    async def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Page:
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.host}", "Accept-Encoding: gzip"]
        head += [f"Cookie: {SESSION}={self.secret}"] if self.secret else []
        head += [f"{name}: {value}" for name, value in headers.items()]
        head += [f"Content-Length: {len(body)}"] if body else []
        began = time.perf_counter()
        self.writer.write("\r\n".join([*head, "\r\n"]).encode() + body)
        told = await self.reader.readuntil(b"\r\n\r\n")
        content, extra = await self._content(told.lower())
        took = time.perf_counter() - began
        packed = b"content-encoding: gzip" in told.lower()
        text = (gzip.decompress(content) if packed else content).decode(errors="replace")
        on = re.search(rb"\r\nlocation: ([^\r]+)", told, re.IGNORECASE)
        leads_to = on[1].decode() if on else ""
        weight = len(told) + len(content) + extra
        return Page(int(told.split(b" ", 2)[1]), text, weight, took, leads_to)

    async def _content(self, head: bytes) -> tuple[bytes, int]:
        """The body, and how many bytes its cutting into pieces took besides."""
        if length := re.search(rb"content-length: (\d+)", head):
            return await self.reader.readexactly(int(length[1])), 0
        if b"transfer-encoding: chunked" not in head:
            return b"", 0
        content, extra = b"", 0
        while True:
            line = await self.reader.readline()
            size = int(line, 16)
            content += (await self.reader.readexactly(size + 2))[:-2]
            extra += len(line) + 2
            if not size:
                return content, extra
