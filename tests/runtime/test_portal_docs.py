"""The page on the customers' pages names every setting of theirs, and what it is without one."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from runtime.settings import Settings

PAGE = (Path(__file__).parents[2] / "docs" / "portal.md").read_text()
OTHERS = ("public_url", "trusted_proxies", "evidence_kept")
NAMES = [name for name in Settings.model_fields if name.startswith("portal_") or name in OTHERS]
SAID = dict(re.findall(r"^\| `([A-Z_]+)` \|.*\| ([^|]*?) \|$", PAGE, re.MULTILINE))
IN_WORDS = {"", "the name", "none", "none is shown", "mail to `BUSINESS_EMAIL`"}
"""How nothing is told; a default in words begins with one of these."""


@pytest.mark.parametrize("name", NAMES)
def test_each_setting_is_told_with_its_default(name: str) -> None:
    said = SAID[name.upper()]
    default = _default(name)
    if default:
        assert said.strip("`").lower() == default.lower()
    else:
        assert said in IN_WORDS or said.startswith(("none:", "made by"))


def test_nothing_is_told_that_is_no_setting() -> None:
    told = {name.lower() for name in SAID}
    assert told == set(NAMES)


def _default(name: str) -> str:
    if name == "public_url":
        return "http://127.0.0.1:8080"
    default = Settings.model_fields[name].default
    if isinstance(default, timedelta):
        return f"{default.days}d"
    told = default.get_secret_value() if hasattr(default, "get_secret_value") else default
    return str(told) if told not in (None, ()) else ""
