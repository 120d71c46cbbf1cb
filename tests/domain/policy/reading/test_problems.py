from typing import Any

import pytest

from domain.errors import PolicyInvalid
from domain.policy.reading.policies import parse_policy


def problem(document: dict[str, Any]) -> tuple[str, str]:
    with pytest.raises(PolicyInvalid) as error:
        parse_policy({"id": "p", "title": "P", **document})
    [found] = error.value.problems
    return found


def rule(**parts: Any) -> dict[str, Any]:
    return {"rules": [parts]}


@pytest.mark.parametrize(
    ("document", "place", "words"),
    [
        (rule(refund="50%"), "rules[0].refund", "did you mean return?"),
        (rule(keep="50%", min="5.00 EUR"), "rules[0].min", "did you mean at_least?"),
        (rule(keep={"summ": []}), "rules[0].keep.summ", "did you mean sum?"),
        (rule(keep="50%", of={"nights": 1}), "rules[0].of.nights", "did you mean first?"),
        (rule(xyz=1), "rules[0].xyz", "there may be when, unless, keep"),
        (rule(keep=50), "rules[0].keep", "write an amount as text, such as 50%"),
        (rule(keep="20€"), "rules[0].keep", "is no amount: 50%, 25.00 EUR"),
        (rule(keep="50%", per="guests"), "rules[0].per", "did you mean persons?"),
        (rule(refuse="Too late"), "rules[0].refuse", "write a code"),
        (rule(keep="50%", when=["late"]), "rules[0].when", "write names with their values"),
        (rule(keep="50%", when={"status": "late"}), "rules[0].when.status", "mean stage?"),
        (rule(keep="50%", when={"or": []}), "rules[0].when.or", "did you mean any?"),
        ({"rules": {"keep": "50%"}}, "rules", "write a list here"),
        ({"tiers": []}, "tiers", "did you mean rules?"),
        ({"title": 5}, "title", "write text here"),
        ({"kinds": ["booking"]}, "kinds[0]", "use 'order' or 'appointment'"),
        ({"kinds": []}, "kinds", "at least one is needed"),
        ({"business_days": {"country": "US"}}, "business_days.country", "mean holidays?"),
        ({"facts": {"attributes.x": "date"}}, "facts.attributes.x.type", "did you mean moment?"),
        ({"facts": {"attributes.x": "weekday"}}, "facts.attributes.x.type", "use text, number"),
        ({"facts": {"guests": "number"}}, "facts.guests", "begins with attributes."),
    ],
)
def test_a_problem_is_told_in_the_author_s_words(
    document: dict[str, Any], place: str, words: str
) -> None:
    where, what = problem(document)
    assert where == place
    assert words in what
