"""As what money goes back, and when it arrives, in words."""

from notifications.catalogue import timing
from notifications.policies.phrases import Phrases


def form_words(p: Phrases, code: str) -> str:
    if code == "original":
        return p.say("forms", "original")
    known = p.mailed("form", code)
    return known or p.say("rules", "form_other", form=p.quoted(code.replace("_", " ")))


def timing_words(p: Phrases, code: str) -> str:
    known = timing(p.language, code)
    return known or p.say("rules", "timing_other", timing=p.quoted(code.replace("_", " ")))
