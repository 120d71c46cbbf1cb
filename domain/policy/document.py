"""The policy document: what a merchant allows and keeps, as data.

Its parts compose. *Names* stand for what can be known about a request: a notice, a stage, a price,
a setting. *Conditions* test names. *Rules* are read from the top, for each line of the subject: the
first one that fits says what is kept of it, or refuses. *Charges* work out amounts, alone or
combined.
"""

from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BeforeValidator,
    ConfigDict,
    Field,
    RootModel,
    WithJsonSchema,
    model_validator,
)

from domain.decisions import IfRefundFails, IfSilent, OnRefused, RefundRule
from domain.money import Rounding
from domain.policy.clock import spans
from domain.policy.clock.calendars import Calendar
from domain.policy.clock.spans import Wait
from domain.policy.sentences import Sentence
from domain.policy.usage import Period
from domain.policy.vocabulary import TELLABLE, Type
from domain.refunds import Share
from domain.subjects import Kind, Stage
from domain.values import Code, Currency, Ref, Value

DEFAULT_WAIT = timedelta(hours=48)
"""How long a person has where the policy doesn't say."""

MOST_RULES = 200
"""In one list. A policy nobody can read is no policy."""

_TELLERS = "line\\.attributes|attributes|settings|consents|evidence|customer"

FactName = Annotated[
    str, Field(max_length=128, pattern=rf"^({_TELLERS})\.[A-Za-z_][A-Za-z0-9_.]*$")
]


class Condition(RootModel[dict[str, Any]]):
    """Tests by name; all of them must hold. `any`, `all` and `not` combine, `cel` is an
    expression."""

    model_config = ConfigDict(frozen=True)


def _tellable(found: Type) -> Type:
    if found not in TELLABLE:
        raise ValueError(f"{found!r} isn't told; use {', '.join(TELLABLE)}")
    return found


_TELLABLE = WithJsonSchema({"enum": list(TELLABLE), "type": "string"})


class Fact(Value):
    """A fact that the merchant's own systems tell, or a setting of the merchant's.

    `default` stands in where it isn't told; without one, a rule that needs it hands over to a
    person. `unit` says what a bare number is where `type` is span.
    """

    type: Annotated[Type, AfterValidator(_tellable), _TELLABLE]
    default: Any = None
    unit: Literal["minutes", "hours", "days"] | None = None

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: Any) -> Any:
        return {"type": value} if isinstance(value, str) else value


class Base(StrEnum):
    """What a percentage is taken of: the lines' price, what charges before left of it, the captured
    part, what a card only holds, the whole order, the units used up so far or not, the first or
    next few of them."""

    PRICE = "price"
    REST = "rest"
    PAID = "paid"
    HELD = "held"
    TOTAL = "total"
    USED = "used"
    UNUSED = "unused"


class Of(Value):
    """A base with a number: the first units of each line, the next ones not used yet, the share
    that these methods paid, or a fact in minor units."""

    first: Annotated[int, Field(ge=1, le=10_000)] | None = None
    next: Annotated[int, Field(ge=1, le=10_000)] | None = None
    tenders: tuple[Code, ...] = ()
    fact: FactName | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(bool(each) for each in (self.first, self.next, self.tenders, self.fact)) != 1:
            raise ValueError("name one of: first, next, tenders, fact")
        return self


class Steps(Value):
    """Rounds to whole steps of the currency, such as 1.00 EUR, not to the smallest unit."""

    way: Rounding = Rounding.DOWN
    to: str


class Table(Value):
    """Amounts by one measure down, and by another across.

    A row is a bound and its cells; the row with the highest bound that is reached counts, so with
    `across` does the column. `ask` in a cell leaves the amount to a person.
    """

    down: str
    across: str | None = None
    columns: tuple[Any, ...] = ()
    rows: Annotated[tuple[tuple[Any, ...], ...], Field(min_length=1, max_length=MOST_RULES)]


class Combination(Value):
    """Several charges as one: the first that fits, all added up, the one that is best for the
    customer, or the one that keeps the most. Or a table, or an expression in minor units."""

    first: "Charges | None" = None
    sum: "Charges | None" = None
    best: "Charges | None" = None
    most: "Charges | None" = None
    table: Table | None = None
    cel: str | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        given = (self.first, self.sum, self.best, self.most, self.table, self.cel)
        if sum(each is not None for each in given) != 1:
            raise ValueError("name one of: first, sum, best, most, table, cel")
        return self


Amount = Annotated[
    str | Combination,
    Field(description="50%, 1/3, 25.00 EUR, nothing, everything, ask, or the name of a fact."),
]


_WORD = {"type": "string"}

Per = Annotated[
    tuple[str, ...],
    BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    WithJsonSchema({"anyOf": [_WORD, {"type": "array", "items": _WORD}]}),
]


class Charge(Value):
    """What is kept of the lines that it fits, or what is returned of them.

    A fixed amount counts once for all these lines, or once `per` each of something: unit, line,
    person, day, hour, used, unused, or a fact that is a number. It never keeps more than their
    price unless `beyond_price`. A missing `rounding` is the policy's.
    """

    when: Condition | None = None
    unless: Condition | None = None
    keep: Amount | None = None
    return_: Annotated[Amount | None, Field(alias="return")] = None
    of: Base | Of = Base.PRICE
    per: Per = ()
    at_least: "str | Charge | None" = None
    at_most: "str | Charge | None" = None
    rounding: Rounding | Steps | None = None
    beyond_price: bool = False

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self._said() != 1:
            raise ValueError(f"say one of: {self._says}")
        return self

    def _said(self) -> int:
        return (self.keep is not None) + (self.return_ is not None)

    @property
    def _says(self) -> str:
        return "keep, return"


Charges = Annotated[tuple[Charge, ...], Field(min_length=1, max_length=MOST_RULES)]


class Rule(Charge):
    """One line of the policy. The first that fits decides: an amount, or no, or a person.

    A rule that keeps or returns fits a finished stage only where it or its charges name that stage,
    and a start that is past only where they name a stage other than an open one, `since.start` or a
    time of day after it, or count what is used. Where one fits, so do those whose `when` tests
    nothing but lines.
    `form` and `timing` are of what goes back, `grants` is something given besides money, `approval`
    names why a person must agree.
    """

    name: Code | None = None
    refuse: Code | None = None
    hand_over: Code | None = None
    approval: Code | None = None
    form: Code | None = None
    timing: Code | None = None
    grants: Code | None = None

    def _said(self) -> int:
        return super()._said() + (self.refuse is not None) + (self.hand_over is not None)

    @property
    def _says(self) -> str:
        return "keep, return, refuse, hand_over"


class Check(Value):
    """A condition on the amounts worked out: it may test fee, refund and due as well."""

    name: Code | None = None
    when: Condition | None = None
    unless: Condition | None = None
    refuse: Code | None = None
    hand_over: Code | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.refuse is None) == (self.hand_over is None):
            raise ValueError("say one of: refuse, hand_over")
        return self


class Approval(Value):
    """When a person has to agree; without `when` always. It may test fee, refund and due.

    `within` runs from receipt.
    """

    when: Condition | None = None
    within: Wait = DEFAULT_WAIT
    approve_by_default: bool = False


class Form(Value):
    """As what money goes back, and when it arrives; the first that fits each tender counts."""

    when: Condition | None = None
    unless: Condition | None = None
    tenders: tuple[Code, ...] = ()
    form: Code | None = None
    timing: Code | None = None


class Starts(StrEnum):
    """Which start counts where lines have several."""

    EACH = "each"
    EARLIEST = "earliest"
    LATEST = "latest"


class PromotionRule(StrEnum):
    """What becomes of a discount that the lines that stay no longer earn: it is taken off what goes
    back, or left alone."""

    RECOMPUTE = "recompute"
    IGNORE = "ignore"


class Warehouse(Value):
    """When a warehouse is asked to stop before anything is put back or returned; without `when`
    for all goods. It has `within`, from then on, to answer; `if_silent` says what silence means: it
    stopped, or it is too late. A withdrawal by law asks nobody.
    """

    when: Condition | None = None
    within: Wait = timedelta(minutes=30)
    if_silent: IfSilent = IfSilent.REFUSE


class Usage(Value):
    """How much was used: a fact that counts units, out of the line's quantity or of another fact;
    or `by` periods since the start, where `begun` counts the present one as well. Without it, by
    calendar days."""

    count: FactName | None = None
    out_of: FactName | None = None
    by: Period | None = None
    begun: bool = False

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.count is None) == (self.by is None):
            raise ValueError("say one of: count, by")
        if self.count is None and self.out_of is not None:
            raise ValueError("out_of goes with count")
        if self.begun and self.by is None:
            raise ValueError("begun goes with by")
        return self


class Document(Value):
    """One policy, as its author wrote it.

    `extends` names a policy whose parts stand wherever this one has none; its rules come after
    these. `applies_to` says which subjects it is for, where several policies might be; of those
    that ask equally much the highest `priority` counts. `laws` names policies that hold by law
    beside this one: the best right wins. `stages` says what the merchant's own words mean, before
    the common ones are looked up. `facts` declares what rules may ask for by name; `closed_from` is
    one that lists more days that are no business days.
    `refund_within` is how long money may take to be sent, counted from receipt; `if_refund_fails`
    says what comes where the means of payment can't take it back.
    `share` says how a refund is shared over several payments, `tender_order` which method gets its
    money back first. `promotions` says whether what stays must still earn the discounts it was
    bought with. `restock` says whether goods that are counted go back to stock: all of them, none,
    or those that fit the condition; one that needs an unknown fact keeps them out. `warehouse` says
    what a warehouse has to be asked to stop first. `sentences` are the merchant's own
    words for codes, by language: {too_late: {en: "..."}}. `wording` is what customers read about
    all of it; the linter holds the numbers of the rules against it.
    """

    id: Ref
    title: str
    wording: Annotated[str, Field(max_length=10_000)] | None = None
    kinds: Annotated[tuple[Kind, ...], Field(min_length=1)] = (Kind.ORDER, Kind.APPOINTMENT)
    extends: Ref | None = None
    applies_to: Condition | None = None
    priority: Annotated[int, Field(ge=-1_000, le=1_000)] = 0
    laws: tuple[Ref, ...] = ()
    currency: Currency | None = None
    stages: dict[str, Stage] = {}
    facts: dict[FactName, Fact] = {}
    business_days: Calendar | None = None
    closed_from: FactName | None = None
    starts: Starts = Starts.EACH
    usage: Usage | None = None
    rounding: Rounding | Steps = Rounding.DOWN
    rules: Annotated[tuple[Rule, ...], Field(max_length=MOST_RULES)] = ()
    checks: Annotated[tuple[Check, ...], Field(max_length=MOST_RULES)] = ()
    approval: Approval | None = None
    undo: Wait | None = None
    refund: RefundRule = RefundRule.AUTOMATIC
    on_refused: OnRefused = OnRefused.RESTORE
    refund_within: spans.Period | None = None
    if_refund_fails: IfRefundFails = IfRefundFails.ASK
    forms: Annotated[tuple[Form, ...], Field(max_length=MOST_RULES)] = ()
    share: Share = Share.ORDER
    tender_order: tuple[Code, ...] = ()
    promotions: PromotionRule = PromotionRule.RECOMPUTE
    restock: bool | Condition = True
    warehouse: Warehouse | None = None
    sentences: Annotated[dict[Code, Sentence], Field(max_length=MOST_RULES)] = {}
