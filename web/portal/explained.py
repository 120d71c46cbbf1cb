"""A decision as a customer reads it: why, what it comes to later, and where the money goes."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from domain.decisions import (
    Adjustment,
    Decision,
    Finding,
    LineAmount,
    TenderAmount,
    adjustment_finding,
)
from domain.refunds import handling_of
from notifications import catalogue
from notifications.curve import curve
from notifications.speaker import Speaker, telling


class Payback(NamedTuple):
    """Money for one means of payment: to which, as what by its code and in words, and when it
    arrives."""

    method: str
    code: str
    form: str
    when: str
    amount_minor: int


class Adjusted(NamedTuple):
    """What changes the refund besides the fee, over all lines; below zero where it lowers it."""

    code: str
    amount_minor: int
    sentence: str


class LineWhy(NamedTuple):
    """Why a line can't be cancelled; no `code` where the policy has its own words for it."""

    code: str
    said: Sequence[str]


def explain(speaker: Speaker, decision: Decision | None) -> dict[str, Any]:
    """What the pages that show amounts need."""
    if decision is None:
        return {"decision": None, "why": (), "later": ()}
    return {
        "decision": decision,
        "why": sentences(speaker, decision.codes),
        "later": curve(decision, speaker),
        "adjusted": _adjusted(speaker, decision.lines),
        "paybacks": paybacks(speaker, decision.tenders),
        "instead": _form(speaker, decision.form) if not decision.tenders else "",
    }


def sentences(speaker: Speaker, codes: Iterable[Finding]) -> Sequence[str]:
    """Each sentence once; codes that have none are left out."""
    said = (speaker.sentence(code) for code in telling(codes))
    return list(dict.fromkeys(sentence for sentence in said if sentence))


def paybacks(speaker: Speaker, tenders: Iterable[TenderAmount]) -> Sequence[Payback]:
    return [
        Payback(
            method=tender.method,
            code=tender.form,
            form=_form(speaker, tender.form),
            when=_when(speaker, tender),
            amount_minor=tender.amount_minor,
        )
        for tender in tenders
    ]


def _form(speaker: Speaker, code: str) -> str:
    """As what it goes back; empty for the way it was paid."""
    known = speaker.find("words", "form", code)
    return speaker.word("form", "unknown") if known is None else known


def _when(speaker: Speaker, tender: TenderAmount) -> str:
    """By the policy's word, else as it is for this way of paying."""
    known = catalogue.timing(speaker.language, tender.timing or "")
    return known or speaker.word("timing", handling_of(tender.form, tender.handling))


def _adjusted(speaker: Speaker, lines: Iterable[LineAmount]) -> Sequence[Adjusted]:
    found: dict[tuple[str, str], Adjustment] = {}
    for each in (adjustment for line in lines for adjustment in line.adjustments):
        key = each.code, str(each.params.get("promotion", ""))
        before = found[key].amount_minor if key in found else 0
        found[key] = each.model_copy(update={"amount_minor": before + each.amount_minor})
    return [
        Adjusted(one.code, one.amount_minor, speaker.sentence(adjustment_finding(one)) or "")
        for one in found.values()
    ]


def lines_why(speaker: Speaker, left_out: Mapping[str, Sequence[Finding]]) -> Mapping[str, LineWhy]:
    return {
        line: LineWhy(
            code="" if codes[0].code in speaker.sentences else codes[0].code,
            said=sentences(speaker, codes),
        )
        for line, codes in left_out.items()
    }
