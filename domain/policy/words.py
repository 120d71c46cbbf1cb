"""Words as they are compared."""

import re
from functools import lru_cache

_JOINT = re.compile(r"[\s_-]+")


@lru_cache(maxsize=4_096)
def fold(text: str) -> str:
    """Without regard to case, nor to what joins the words: "No-Show" is "no_show"."""
    return _JOINT.sub("_", text.strip()).casefold()
