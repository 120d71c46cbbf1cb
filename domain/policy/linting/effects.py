"""What is said without effect, in words nobody has, or with more time than there is."""

from collections.abc import Callable, Iterator

from domain.policy.clock.spans import read_notice, rough_hours
from domain.policy.document import DEFAULT_WAIT, Document, Form, Rule
from domain.policy.linting.findings import PolicyFinding, warning
from domain.policy.linting.walking import Atom, Guard, atoms
from domain.refunds import Share

IsWorded = Callable[[str, str], bool]
"""Whether there is a sentence for a code; the first says of what sort: code or form."""

_HOUR = 3600


def effects(document: Document, is_worded: IsWorded | None) -> Iterator[PolicyFinding]:
    yield from _idle_rules(document)
    yield from _idle_forms(document)
    yield from _idle_order(document)
    yield from _waits(document)
    if is_worded is not None:
        yield from _unworded(document, is_worded)


def _idle_order(document: Document) -> Iterator[PolicyFinding]:
    if document.share is Share.PROPORTION and document.tender_order:
        text = "by proportion every payment has its part: `tender_order`"
        yield _idle("tender_order", text)


def _idle_rules(document: Document) -> Iterator[PolicyFinding]:
    for number, rule in enumerate(document.rules):
        place = f"rules[{number}]"
        is_no = rule.refuse is not None or rule.hand_over is not None
        for word in ("of", "per", "at_least", "at_most", "rounding", "beyond_price", "approval"):
            if is_no and word in rule.model_fields_set:
                yield _idle(f"{place}.{word}", f"nothing is charged here: `{word}`")
        for word in ("form", "timing", "grants"):
            if getattr(rule, word) and (is_no or (word != "grants" and _keeps_all(rule))):
                yield _idle(f"{place}.{word}", f"nothing goes back here: `{word}`")


def _keeps_all(rule: Rule) -> bool:
    return rule.keep == "everything" and rule.of == "price" and rule.at_most is None


def _idle(place: str, what: str) -> PolicyFinding:
    return warning("no_effect", place, f"{what} has no effect. Leave it out")


def _idle_forms(document: Document) -> Iterator[PolicyFinding]:
    for number, form in enumerate(document.forms):
        place = f"forms[{number}]"
        if form.form is None and form.timing is None:
            yield warning("no_effect", place, "this says neither form nor timing. Leave it out")
        elif any(_covers(earlier, form) for earlier in document.forms[:number]):
            text = "one before it says all of this, always: this form has no effect"
            yield warning("no_effect", place, f"{text}. Move it up, or leave it out")


def _covers(earlier: Form, form: Form) -> bool:
    """Whether the earlier one always counts where this one does, and says as much."""
    is_wider = not earlier.tenders or (form.tenders and set(form.tenders) <= set(earlier.tenders))
    says_more = (earlier.form or not form.form) and (earlier.timing or not form.timing)
    return bool(earlier.when is None and earlier.unless is None and is_wider and says_more)


def _waits(document: Document) -> Iterator[PolicyFinding]:
    """People who have longer to answer than the shortest notice that rules tell apart."""
    gates = [gate for atom in _notices(document) for gate in _hours(atom)]
    if not gates:
        return
    shortest = min(gates)
    approval = document.approval
    within = (approval.within if approval else DEFAULT_WAIT).total_seconds() / _HOUR
    if within <= shortest[0]:
        return
    told = f"a person has {within:g}h to answer, yet rules tell apart a notice of {shortest[1]}"
    text = f"{told}: the start may come first. Shorten approval.within"
    if approval is not None:
        has_own = "within" in approval.model_fields_set
        yield warning("answer_too_late", "approval.within" if has_own else "approval", text)
        return
    for number, rule in enumerate(document.rules):
        if rule.approval is not None:
            yield warning("answer_too_late", f"rules[{number}].approval", text)


def _notices(document: Document) -> Iterator[Atom]:
    found = [Guard("", rule.when, rule.unless) for rule in document.rules]
    if document.approval is not None:
        found.append(Guard("approval", document.approval.when, None))
    for guard in found:
        yield from (atom for atom in atoms(guard) if atom.name == "notice")


def _hours(atom: Atom) -> Iterator[tuple[float, object]]:
    for value in atom.value if isinstance(atom.value, (list, tuple)) else (atom.value,):
        try:
            hours = rough_hours(read_notice(value))
        except ValueError:
            continue
        if hours > 0:
            yield hours, value


def _unworded(document: Document, is_worded: IsWorded) -> Iterator[PolicyFinding]:
    """Codes that a customer would read as they are."""
    told = {*document.sentences}
    for place, sort, code in _codes(document):
        if code not in told and not is_worded(sort, code):
            told.add(code)
            text = f"there is no sentence for {code}: customers read a general one"
            yield warning("no_wording", place, f"{text}. Add one under `sentences`")


def _codes(document: Document) -> Iterator[tuple[str, str, str]]:
    for name in ("rules", "checks", "forms"):
        for number, each in enumerate(getattr(document, name)):
            for word in ("refuse", "hand_over", "approval", "form", "grants"):
                code = getattr(each, word, None)
                if code is not None:
                    sort = "form" if word in ("form", "grants") else "code"
                    yield f"{name}[{number}].{word}", sort, code
