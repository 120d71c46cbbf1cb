"""Firefox, driven over Marionette, its own remote control; Debian's needs no further driver."""

import asyncio
import json
import shutil
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runtime import ports

KNOWN = ("firefox-esr", "firefox")
REMEDY = "there is no Firefox here: `apt-get install firefox-esr`"
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element's reference (WebDriver, 12.2)."""


def find() -> str | None:
    return next((path for name in KNOWN if (path := shutil.which(name))), None)


class Firefox:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._asked = 0

    async def ask(self, command: str, **told: Any) -> Any:
        """Send a command of WebDriver's and wait for its answer. Raises RuntimeError for a no."""
        self._asked += 1
        message = json.dumps([0, self._asked, f"WebDriver:{command}", told]).encode()
        self._writer.write(b"%d:%b" % (len(message), message))
        _, _, fault, answer = await self.hear()
        if fault:
            raise RuntimeError(f"{command}: {fault['message']}")
        return answer

    async def hear(self) -> Any:
        """The next message: its length, a colon, JSON."""
        length = await self._reader.readuntil(b":")
        return json.loads(await self._reader.readexactly(int(length[:-1])))

    async def go(self, url: str) -> None:
        await self.ask("Navigate", url=url)

    async def click(self, selector: str) -> None:
        """Click the first of these, and wait for the page that it leads to."""
        await self.ask("ElementClick", id=await self._find(selector))

    async def read(self, selector: str) -> str:
        """The words of the first of these, spaces evened out."""
        told = await self.ask("GetElementText", id=await self._find(selector))
        return " ".join(told["value"].split())

    async def attribute(self, selector: str, name: str) -> str:
        found = await self._find(selector)
        return str((await self.ask("GetElementAttribute", id=found, name=name))["value"])

    async def path(self) -> str:
        url: str = (await self.ask("GetCurrentURL"))["value"]
        return "/" + url.split("/", 3)[3]

    async def _find(self, selector: str) -> str:
        found = await self.ask("FindElement", using="css selector", value=selector)
        reference: str = found["value"][_ELEMENT]
        return reference


@asynccontextmanager
async def running(
    binary: str, folder: Path, preferences: Mapping[str, Any]
) -> AsyncIterator[Firefox]:
    """Start one without a window in an empty folder, and end it."""
    port = ports.any_free()[0]
    told = {"marionette.port": port, "datareporting.policy.dataSubmissionEnabled": False}
    lines = (
        f"user_pref({json.dumps(name)}, {json.dumps(value)});"
        for name, value in (told | dict(preferences)).items()
    )
    (folder / "user.js").write_text("\n".join(lines))
    process = await asyncio.create_subprocess_exec(
        *(binary, "--headless", "--marionette", "--no-remote", "--profile", str(folder)),
        stdout=DEVNULL,
        stderr=DEVNULL,
    )
    try:
        reader, writer = await _connected(port)
        firefox = Firefox(reader, writer)
        await firefox.hear()
        await firefox.ask("NewSession", capabilities={})
        yield firefox
        writer.close()
    finally:
        process.terminate()
        await process.wait()


async def _connected(port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    async with asyncio.timeout(60):
        while True:
            try:
                return await asyncio.open_connection(ports.LOOPBACK, port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.1)
