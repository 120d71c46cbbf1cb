"""The policy document: what a merchant allows, as data."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Self

from pydantic import ValidationError, model_validator

from domain.decisions import OnRefused, RefundRule
from domain.errors import PolicyInvalid
from domain.money import Rounding
from domain.policy.fees import FREE, Fee
from domain.policy.spans import Notice, Period, Wait
from domain.subjects import Kind, Stage
from domain.values import Code, Currency, Minor, Ref, Value

DEFAULT_WAIT = timedelta(hours=48)
"""How long a person has where the policy doesn't say."""


class Tier(Value):
    """The fee at less notice than `under`. Of the tiers fallen short of, the latest one applies,
    in whatever order they stand; exactly on a boundary is still enough notice."""

    under: Notice
    fee: Fee


class AfterStart(Value):
    """Names a situation after the start, or a finished stage, in which cancelling still works.

    Without `stages` any unfinished stage; without `within` at any later time. The first that fits
    applies, and its fee takes the place of the tiers.
    """

    stages: tuple[str, ...] = ()
    within: Period | None = None
    fee: Fee


class ReasonRules(Value):
    """With `accepted` only those will do, and one must be given. `waive_fee` lifts tiers and fee,
    not what is never refundable."""

    accepted: tuple[Code, ...] = ()
    rejected: tuple[Code, ...] = ()
    waive_fee: tuple[Code, ...] = ()


class Approval(Value):
    """When a person has to agree: any one of these. `within` runs from receipt."""

    always: bool = False
    refund_over_minor: Minor | None = None
    reasons: tuple[Code, ...] = ()
    notice_under: Notice | None = None
    within: Wait = DEFAULT_WAIT
    approve_by_default: bool = False


class Extra(StrEnum):
    """Shipping and fees stay while anything else does. With the last line they come back under
    the same rules as the rest, or never."""

    WITH_LAST_LINE = "with_last_line"
    NEVER = "never"


class RefundForm(StrEnum):
    ORIGINAL = "original"
    STORE_CREDIT = "store_credit"


class Policy(Value):
    """One policy, as its author wrote it.

    `stages` says what the merchant's own words mean, before the common ones are looked up.
    `only_stages` and `only_line_stages` take the merchant's words or their meaning.
    `before_start` is the notice below which it is refused, `since_placement` the time after the
    order in which it is allowed. `fee` applies where no tier does. `not_cancellable` and
    `not_refundable` are categories of lines. `timing` says by method when money arrives, "*" for
    the rest; `tender_order` which method gets its money back first. Amounts need a `currency`.
    """

    id: Ref
    title: str
    kinds: tuple[Kind, ...] = (Kind.ORDER, Kind.APPOINTMENT)
    currency: Currency | None = None
    stages: dict[str, Stage] = {}
    only_stages: tuple[str, ...] = ()
    only_line_stages: tuple[str, ...] = ()
    whole_only: bool = False
    before_start: Notice | None = None
    since_placement: Period | None = None
    tiers: tuple[Tier, ...] = ()
    fee: Fee = FREE
    after_start: tuple[AfterStart, ...] = ()
    rounding: Rounding = Rounding.DOWN
    not_cancellable: tuple[str, ...] = ()
    not_refundable: tuple[str, ...] = ()
    shipping: Extra = Extra.WITH_LAST_LINE
    fees: Extra = Extra.WITH_LAST_LINE
    reasons: ReasonRules = ReasonRules()
    approval: Approval | None = None
    undo: Wait | None = None
    refund: RefundRule = RefundRule.AUTOMATIC
    on_refused: OnRefused = OnRefused.RESTORE
    refund_form: RefundForm = RefundForm.ORIGINAL
    timing: dict[str, Code] = {}
    tender_order: tuple[Code, ...] = ()

    @model_validator(mode="after")
    def _amounts_have_a_currency(self) -> Self:
        fees = [self.fee]
        fees += [tier.fee for tier in self.tiers]
        fees += [rule.fee for rule in self.after_start]
        over = self.approval and self.approval.refund_over_minor
        if self.currency is None and (over or any(fee.fixed_minor for fee in fees)):
            raise ValueError("a fixed amount needs the policy's currency")
        return self


def parse_policy(document: Mapping[str, Any]) -> Policy:
    """Read a document. Raises PolicyInvalid, which names each place that is wrong."""
    try:
        return Policy.model_validate(document)
    except ValidationError as error:
        problems = [f"{_place(each['loc'])}: {each['msg']}" for each in error.errors()]
        raise PolicyInvalid("; ".join(problems)) from None


def _place(loc: tuple[int | str, ...]) -> str:
    place = ""
    for part in loc:
        place += f"[{part}]" if isinstance(part, int) else f".{part}"
    return place.lstrip(".") or "document"
