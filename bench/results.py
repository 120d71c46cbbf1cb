"""RESULTS.md, a section for each bench."""

import re

from bench.report import RESULTS


def keep(name: str, text: str) -> None:
    """Put this bench's section into RESULTS.md in place of the last; the others stay."""
    before = RESULTS.read_text(encoding="utf-8") if RESULTS.exists() else "# Measured\n"
    section = f"<!-- {name} -->\n{text}\n<!-- /{name} -->"
    pattern = re.compile(f"<!-- {name} -->.*<!-- /{name} -->", re.DOTALL)
    if not pattern.search(before):
        before = f"{before}\n## `python -m bench.{name}`\n\n<!-- {name} --><!-- /{name} -->\n"
    RESULTS.write_text(pattern.sub(lambda _: section, before), encoding="utf-8")
