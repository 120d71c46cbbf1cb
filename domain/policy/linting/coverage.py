"""Situations for which no rule is, and rules for which there is no situation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice

from domain.policy.conditions import Test
from domain.policy.document import Condition
from domain.policy.linting.cubes import cubes, words
from domain.policy.linting.findings import PolicyFinding, error, warning
from domain.policy.linting.measures import Measure, Measures, cost
from domain.policy.linting.situations import holds
from domain.policy.linting.spaces import Point, Space, space
from domain.policy.linting.walking import Atom, Guard, atoms
from domain.policy.look import Look
from domain.policy.policy import Policy, Rule
from domain.policy.reading.conditions import condition
from domain.policy.reading.scope import Scope
from domain.policy.routing import route

MOST_TESTS = 60_000
"""Conditions evaluated for one question; what a policy has beyond that is looked at in parts."""

MOST_POINTS = 2_000
MOST_TOLD = 5
"""Of one kind; the others are counted."""


@dataclass(frozen=True)
class Table:
    """The rules with what each depends on, None where that isn't clear."""

    policy: Policy
    measures: Measures
    depends: tuple[tuple[Measure, ...] | None, ...]
    atoms: tuple[tuple[Atom, ...], ...]

    @cached_property
    def weight(self) -> int:
        return sum(map(cost, chain(*self.atoms))) + 4 * len(self.atoms)

    @property
    def is_too_heavy(self) -> bool:
        """Whether even one situation takes too long."""
        return self.weight > MOST_TESTS

    @cached_property
    def around(self) -> Space:
        """What the rules depend on, as far as it can be looked at together."""
        wanted = _by_use([each for each in self.depends if each is not None])
        return space(self.measures.frame, wanted, _most(self.weight))

    @cached_property
    def is_whole(self) -> bool:
        """Whether that is all they depend on."""
        return {each for own in self.depends for each in own or ()} == set(self.around.measures)


def table_of(policy: Policy, measures: Measures) -> Table:
    rules = policy.document.rules
    found = tuple(
        tuple(atoms(Guard(f"rules[{place}]", rule.when, rule.unless)))
        for place, rule in enumerate(rules)
    )
    return Table(policy, measures, tuple(measures.of(each) for each in found), found)


def gaps(table: Table) -> Iterator[PolicyFinding]:
    """Situations in which a person has to decide because no rule fits."""
    if not table.policy.keeps or table.is_too_heavy:
        return
    around = table.around
    open_ = [point for point in around.points() if _is_gap(around, point)]
    found = [words(cube, around.measures) for cube in cubes(open_, around.measures)]
    for text in found[:MOST_TOLD]:
        told = f"no rule fits {text or 'anything that is left'}; a person has to decide. Add a rule"
        yield warning("gap", "rules", f"{told}, or a last one without a condition")
    if len(found) > MOST_TOLD:
        more = f"no rule fits in {len(found) - MOST_TOLD} more sorts of situation"
        yield warning("gap", "rules", f"{more}; a last rule without a condition closes them all")


def unreachable(table: Table) -> Iterator[PolicyFinding]:
    """Rules that never decide: others always come first. Rules whose situations can't all be tried
    are left out, on both sides."""
    clear = [
        place
        for place, own in enumerate(table.depends)
        if own is not None and all(measure.is_complete for measure in own)
    ]
    if table.is_too_heavy:
        return
    if table.is_whole:
        yield from _unreached(table, table.around, clear, clear)
        return
    for place in clear:
        own = table.depends[place] or ()
        wanted = _by_use([own, own, *(each for each in table.depends[:place] if each)])
        most = max(4, _most(table.weight) // len(clear))
        part = space(table.measures.frame, sorted(wanted, key=lambda m: m not in own), most)
        earlier = [
            n for n in clear if n < place and set(table.depends[n] or ()) <= set(part.measures)
        ]
        if set(own) <= set(part.measures):
            yield from _unreached(table, part, [*earlier, place], [place])


def never(guard: Guard, measures: Measures, most: int) -> PolicyFinding | None:
    """A condition that can't hold. Of more than `most` situations nothing is claimed."""
    own = measures.of(atoms(guard))
    if own is None:
        return None
    scope = Scope(measures.frame.document.facts, guard.place)
    whole = condition(guard.when, guard.unless, scope)
    if whole is None or not _is_never(whole, own, measures, most):
        return None
    place, text = guard.when_place, "this condition can never hold"
    for name, test in guard.when.root.items() if guard.when else ():
        alone = Guard(guard.place, Condition({name: test}), None)
        part = condition(alone.when, None, scope)
        inner = measures.of(atoms(alone))
        if inner is not None and part is not None and _is_never(part, inner, measures, most):
            place, text = f"{guard.when_place}.{name}", f"{name} can never be so"
            break
    return error("never_holds", place, f"{text}: no situation fits it. Widen it or leave it out")


def _is_never(test: Test, own: Sequence[Measure], measures: Measures, most: int) -> bool:
    """Whether it holds nowhere; not so sure after `most` situations."""
    around = space(measures.frame, own, MOST_POINTS)
    if not around.is_complete:
        return False
    tried = list(islice(around.points(likely=True), most + 1))
    if any(holds(test, around.look(point)) is not False for point in tried):
        return False
    return len(tried) <= most


def _unreached(
    table: Table, around: Space, among: Sequence[int], asked: Sequence[int]
) -> Iterator[PolicyFinding]:
    """Of the rules asked about those that never decide, with those that come before them."""
    here = around
    if len(among) < len(table.atoms):
        here = Space(around.frame.only(tuple(among)), around.measures, around.is_complete)
    rules = {id(table.policy.rules[n]): n for n in among}
    waiting = {n: set[int]() for n in asked}
    held = set[int]()
    for point in here.points():
        look = here.look(point)
        chosen = route(look.together, look.item)[0]
        decided = None if chosen is None else rules[id(chosen)]
        waiting.pop(-1 if decided is None else decided, None)
        for n in list(waiting):
            rule = table.policy.rules[n]
            if holds(rule.test, look):
                held |= set() if decided is None and _may_be_late(rule, look) else {n}
                waiting[n] |= set() if decided is None else {decided}
    for n, hiding in waiting.items():
        if n in held:
            yield _hidden(n, sorted(hiding))


def _may_be_late(rule: Rule, look: Look) -> bool:
    """Whether a deadline of its own by the clock may lie after the start."""
    return any(test.last_call(look) is not None for test in rule.notices)


def _hidden(place: int, hiding: Sequence[int]) -> PolicyFinding:
    name = f"rules[{place}]"
    if not hiding:
        text = "this rule never decides: it holds only where something is over already"
        return error("unreachable", name, f"{text}. Name that stage in its `when`, or since.start")
    others = " and ".join(f"rules[{n}]" for n in hiding[:3])
    more = " and others" if len(hiding) > 3 else ""
    comes = "comes" if len(hiding) == 1 else "come"
    text = f"this rule never decides: {others}{more} {comes} first wherever it fits"
    return error("unreachable", name, f"{text}. Move it up, or leave it out")


def _is_gap(around: Space, point: Point) -> bool:
    look = around.look(point)
    rule, ruling = route(look.together, look.item)
    return rule is None and ruling is not None and ruling.code == "amount_open"


def _most(weight: int) -> int:
    return max(4, min(MOST_POINTS, MOST_TESTS // max(1, weight)))


def _by_use(several: Sequence[Sequence[Measure]]) -> list[Measure]:
    """Each measure once, what most rules depend on first; of these the one with fewer options."""
    count: dict[Measure, int] = {}
    for own in several:
        for each in own:
            count[each] = count.get(each, 0) + 1
    return sorted(count, key=lambda each: (-count[each], len(each.options)))
