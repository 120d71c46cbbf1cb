"""`rescind policy simulate --history`, over what a real saga has cancelled."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from domain.subjects import SubjectRef
from runtime.cli import rescind
from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, ask, until

Simulate = Callable[..., Awaitable[dict[str, Any]]]
Rule = dict[str, Any]


@pytest.fixture
def simulate(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Simulate:
    """Tries a policy of these rules on the database of this test, in a thread of its own."""
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("RESCIND_DATA", str(tmp_path))

    async def run(name: str, *rules: Rule, options: tuple[str, ...] = ()) -> dict[str, Any]:
        file = tmp_path / f"{name}.yaml"
        file.write_text(json.dumps({"title": name, "rules": rules}))
        words = ("policy", "simulate", str(file), "--history", "--json", *options)
        done = await asyncio.to_thread(CliRunner().invoke, rescind, words)
        assert done.exit_code == 0, done.output
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    return run


async def cancel(shop: Shop, order: SubjectRef, *lines: tuple[str, int]) -> None:
    caller = await shop.as_key(*ASK)
    asked = [{"id": id_, "quantity": quantity} for id_, quantity in lines]
    answer = await ask(caller, a_body(order, lines=asked))
    await until(caller, answer.json()["links"]["self"], "cancelled", "declined")


async def test_each_part_is_decided_again_on_what_was_there_before_it(
    live: Shop, simulate: Simulate
) -> None:
    await live.policy("generous", rules=[{"keep": "nothing"}])
    order = await live.order("generous")
    await cancel(live, order, ("1", 1))
    await cancel(live, order)
    answer = await simulate("generous", {"keep": "50%"})
    assert answer["cancellations"] == 2
    euros = answer["currencies"]["EUR"]
    assert euros["present"]["refunded_minor"] == 5_400
    assert euros["new"]["refunded_minor"] == 2_700
    assert euros["present"]["paid_minor"] == 5_400 + 3_900


async def test_what_was_declined_then_may_be_allowed_now(live: Shop, simulate: Simulate) -> None:
    await live.policy("closed", rules=[{"refuse": "never"}])
    await cancel(live, await live.order("closed"))
    answer = await simulate("closed", {"keep": "nothing"})
    (change,) = answer["currencies"]["EUR"]["changes"]
    assert (change["before"], change["after"]) == ("declined", "allowed")
    assert change["refunded_minor"] == 5_400


async def test_what_is_under_another_policy_counts_only_if_asked_for(
    live: Shop, simulate: Simulate
) -> None:
    await live.policy("generous", rules=[{"keep": "nothing"}])
    await cancel(live, await live.order("generous"))
    assert (await simulate("strict", {"keep": "everything"}))["cancellations"] == 0
    every = await simulate("strict", {"keep": "everything"}, options=("--all",))
    assert every["cancellations"] == 1
    assert every["currencies"]["EUR"]["new"]["refunded_minor"] == 0
    none = await simulate("strict", {"keep": "everything"}, options=("--all", "--limit", "1"))
    assert none["rows"] == 1
