"""docs/screens.md: what the pictures show, each with a line."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from tests.web.browser.gallery_camera import EVERY, USUAL
from tests.web.browser.gallery_stage import Scene
from tests.web.browser.visitor import Look

_HEAD = """# The pages, as they look

`make screens` takes these pictures anew: it starts an installation of its own with the example
business, brings each state about as a customer, staff or the card sandbox would, and looks at it in
Chromium. Wide is 1280 pixels, narrow 390. Key pages have more looks to open: dark, and Arabic.
"""


def write(
    file: Path, chapters: Mapping[str, Sequence[Scene]], operators: Mapping[str, str]
) -> None:
    parts = [_HEAD]
    for title, scenes in chapters.items():
        parts += [f"## {title}\n", *(part for scene in scenes for part in _shown(scene))]
    parts.append("## For operators\n")
    for name, caption in operators.items():
        parts.append(f"**{caption}.**\n\n{_picture(name, Look(), 720)}\n")
    file.write_text("\n".join(parts), encoding="utf-8")


def _shown(scene: Scene) -> Iterator[str]:
    yield f"**{scene.caption}.**\n\n{_row(scene, USUAL)}\n"
    if scene.is_key:
        more = [look for look in EVERY if look not in USUAL]
        pairs = (_row(scene, more[index : index + 2]) for index in range(0, len(more), 2))
        yield (
            "<details><summary>Dark, Arabic</summary>\n\n"
            + "<br>\n".join(pairs)
            + "\n\n</details>\n"
        )


def _row(scene: Scene, looks: Sequence[Look]) -> str:
    return " ".join(_picture(scene.name, look, 520 if look.width > 390 else 180) for look in looks)


def _picture(name: str, look: Look, width: int) -> str:
    return f'<img src="screens/{name}-{look}.webp" width="{width}" alt="{name}, {look}">'
