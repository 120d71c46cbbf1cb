"""Which browser the tests of pages use. As a command: names it, and fails if there is none."""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

KNOWN = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    *("chrome", "microsoft-edge"),
)
REMEDY = (
    "there is no browser to look at pages with: install Chromium or Chrome (`apt-get install "
    "chromium`), run `.venv/bin/playwright install chromium`, or name one with "
    "UI_BROWSER=/path/to/it"
)


def find(own: str) -> str | None:
    """The browser that UI_BROWSER names, else one installed here, else Playwright's own."""
    if named := os.environ.get("UI_BROWSER"):
        return shutil.which(named)
    installed = (path for name in KNOWN if (path := shutil.which(name)))
    return next(installed, own if Path(own).exists() else None)


def is_required() -> bool:
    """Whether tests fail without one, instead of being skipped."""
    return os.environ.get("UI_BROWSER_REQUIRED") == "1"


def main() -> None:
    with sync_playwright() as playwright:
        path = find(playwright.chromium.executable_path)
    sys.stderr.write(f"{path or REMEDY}\n")
    sys.exit(0 if path else 1)


if __name__ == "__main__":
    main()
