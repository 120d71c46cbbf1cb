"""Pictures of every page, of an installation of its own with the example business.

`python -m tests.web.browser.gallery [folder] [names of scenes]` takes them anew; some of them alone
are taken after all that bring about their states.
"""

import asyncio
import sys
import tempfile
from collections.abc import Collection, Mapping, Sequence
from itertools import chain
from pathlib import Path

from tests.web.browser import (
    gallery_edges,
    gallery_entering,
    gallery_following,
    gallery_page,
    gallery_temporal,
)
from tests.web.browser.gallery_camera import camera, looks
from tests.web.browser.gallery_house import opened
from tests.web.browser.gallery_stage import Scene, Stage

DOCS = Path(__file__).parents[3] / "docs"
CHAPTERS: Mapping[str, Sequence[Scene]] = {
    "Coming in and choosing": gallery_entering.SCENES,
    "What becomes of it": gallery_following.SCENES,
    "By law, and at the edges": gallery_edges.SCENES,
}


async def take(folder: Path, only: Collection[str] = ()) -> None:
    with tempfile.TemporaryDirectory(prefix="rescind-gallery-") as data:
        async with opened(Path(data)) as house, camera(folder) as taking:
            stage = Stage(house, taking)
            for scene in chain(*CHAPTERS.values()):
                await _play(stage, scene, is_taken=not only or scene.name in only)
            if not only or "temporal" in only:
                await gallery_temporal.take(house, taking)


async def _play(stage: Stage, scene: Scene, *, is_taken: bool) -> None:
    if scene.before:
        await scene.before(stage)
    for look in looks(scene.is_key) if is_taken else ():
        async with stage.customer(scene.who, look) as customer:
            await scene.walk(customer, stage.house)
            await stage.camera.take(customer.page, scene.name, look)
    sys.stderr.write(f"{scene.name}\n")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCS / "screens"
    asyncio.run(take(folder, sys.argv[2:]))
    gallery_page.write(folder.parent / "screens.md", CHAPTERS, gallery_temporal.CAPTIONS)


if __name__ == "__main__":
    main()
