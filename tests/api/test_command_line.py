"""The command line against a served API, with a worker that does the real steps."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
import uvicorn
from click.testing import CliRunner, Result

from runtime import ports
from runtime.cli import rescind
from storage import evidence, keys
from tests.api.conftest import Shop
from use_cases.actors import Scope

Run = Callable[..., Awaitable[Result]]

ID = f"o-{uuid4().hex[:8]}"
"""Of this run's own: all tests share one Temporal, which remembers what was cancelled."""

ORDER: dict[str, Any] = {
    "kind": "order",
    "id": ID,
    "stage": "pending",
    "currency": "EUR",
    "customer": {"name": "Ada"},
    "lines": [{"title": "Mug", "quantity": 2, "unit_price_minor": 1500}],
    "tenders": [{"method": "gift_card", "captured_minor": 3000}],
}


@pytest.fixture
async def run(live: Shop, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Run]:
    """Runs a command in a thread of its own while the API is served in ours."""
    secret = keys.new_secret()
    async with live.context.sessions.begin() as session:
        await keys.keep(session, "cli", secret, [Scope.ADMIN], live.context.clock())
    port = ports.any_free()[0]
    server = uvicorn.Server(uvicorn.Config(live.app, port=port, log_config=None))
    serving = asyncio.ensure_future(server.serve())
    while not server.started:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    monkeypatch.setenv("RESCIND_URL", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("RESCIND_KEY", secret)

    async def run(*words: str, stdin: str | None = None) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, rescind, words, input=stdin)

    yield run
    server.should_exit = True
    await serving


async def test_a_packed_file_is_imported_and_a_bad_line_is_named(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.ndjson.gz"
    lines = [ORDER, ORDER | {"id": "2", "currency": "euro"}, ORDER | {"id": "3"}]
    file.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    first = await run("import", str(file))
    assert first.exit_code == 1
    assert "2 created, 0 updated, 0 unchanged, 1 failed" in first.stdout
    assert "Line 2 order 2: currency:" in first.stderr
    again = await run("import", str(file), "--json")
    told = json.loads(again.stdout)
    assert (told["unchanged"], told["error"]) == (2, 1)
    assert told["errors"][0]["line"] == 2


async def test_lines_come_from_standard_input_too(run: Run) -> None:
    done = await run("import", "-", stdin=json.dumps(ORDER))
    assert done.exit_code == 0
    assert "1 created" in done.stdout


async def test_lines_are_counted_through_all_pieces(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runtime.commands.records.PIECE", 2)
    lines = [json.dumps(ORDER), "", json.dumps(ORDER), json.dumps(ORDER), "{broken"]
    done = await run("import", "-", stdin="\n".join(lines))
    assert "Line 5:" in done.stderr
    assert "1 created, 0 updated, 2 unchanged, 1 failed" in done.stdout


async def test_a_file_that_is_not_packed_as_named_is_told_so(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "orders.ndjson.gz"
    file.write_text(json.dumps(ORDER))
    done = await run("import", str(file))
    assert done.exit_code == 1
    assert "The file can't be read" in done.stderr


async def test_a_quote_says_what_goes_back_where(run: Run) -> None:
    await run("import", "-", stdin=json.dumps(ORDER))
    done = await run("quote", "order", ID, "--line", "1:1", "--reason", "changed_mind")
    assert done.exit_code == 0
    assert "It can be cancelled." in done.stdout
    assert "goes back  €15.00" in done.stdout
    assert "€15.00 to gift card" in done.stdout
    refused = await run("quote", "order", ID, "--line", "1:3")
    assert refused.exit_code == 1
    assert "Line 1 has 2 left to cancel. `rescind show` says how many" in refused.stderr


async def test_an_order_is_cancelled_and_shown(run: Run) -> None:
    await run("import", "-", stdin=json.dumps(ORDER))
    done = await run("cancel", "order", ID, "--reason", "changed_mind", "--yes", "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert (answer["state"], answer["refund_minor"]) == ("cancelled", 3000)
    order = (await run("show", "order", ID)).stdout
    assert f"Order {ID}: pending, cancelled" in order
    assert "2 cancelled" in order
    assert "€30.00 went back" in order
    assert "Changed my mind" in order
    shown = (await run("show", "cancellation", answer["id"])).stdout
    assert "refund to gift card: €30.00, succeeded" in shown
    again = await run("cancel", "order", ID, "--yes")
    assert again.exit_code == 1
    assert "It is cancelled already." in again.stdout
    assert "don't allow it" not in again.stdout
    assert "good until" not in (await run("quote", "order", ID)).stdout


async def test_what_a_person_has_to_do_is_said_next(run: Run) -> None:
    asks = {"id": f"{ID}-asks", "policy": {"id": "asks"}}
    await run("import", "-", stdin=json.dumps(ORDER | asks))
    done = await run("cancel", "order", f"{ID}-asks", "--yes")
    assert "Next: a person answers until" in done.stdout
    assert "would go back  €30.00" in done.stdout
    id_ = _cancellation(done)
    assert f"rescind approve {id_}" in done.stdout
    assert "€30.00 would go back" in (await run("show", "order", f"{ID}-asks")).stdout


def _cancellation(done: Result) -> str:
    return done.stdout.split()[1].rstrip(":")


async def _asked(run: Run, name: str, **more: Any) -> str:
    """A cancellation that waits for a person."""
    order = ORDER | {"id": f"{ID}-{name}", "policy": {"id": "asks"}} | more
    await run("import", "-", stdin=json.dumps(order))
    return _cancellation(await run("cancel", "order", f"{ID}-{name}", "--yes"))


async def test_an_approval_may_name_the_amount(run: Run) -> None:
    id_ = await _asked(run, "part")
    for wrong in ("6,00", "6.001", "-1", "much"):
        refused = await run("approve", id_, "--refund", wrong)
        assert (refused.exit_code, "--refund" in refused.stderr) == (2, True), wrong
    assert (await run("approve", id_, "--refund", "30.01")).exit_code == 1
    done = await run("approve", id_, "--refund", "6.00")
    assert done.exit_code == 0, done.output
    assert f"Cancellation {id_}: undo window" in done.stdout
    assert f"rescind undo {id_}" in done.stdout
    assert "set by the one who approved it" in done.stdout
    assert "There is no fee" not in done.stdout
    assert "would go back  €6.00" in done.stdout
    assert "Cancellation" in (await run("undo", id_)).stdout
    again = await run("approve", id_)
    assert (again.exit_code, "is undone already" in again.stderr) == (1, True)


async def test_what_is_declined_or_undone_returns_nothing(run: Run) -> None:
    for word, state in (("decline", "declined"), ("undo", "undone")):
        id_ = await _asked(run, word)
        done = await run(word, id_)
        assert done.exit_code == 0, done.output
        assert f"Cancellation {id_}: {state}" in done.stdout
        assert "nothing goes back" in done.stdout
        assert "€" not in done.stdout
        shown = (await run("show", "order", f"{ID}-{word}")).stdout
        assert "nothing goes back" in shown
    told = await run("undo", await _asked(run, "json"), "--json")
    assert json.loads(told.stdout)["state"] == "undone"


async def test_times_are_those_of_the_subject(run: Run) -> None:
    there = {"id": f"{ID}-tokyo", "zone": "Asia/Tokyo", "placed_at": "2026-01-05T20:00:00Z"}
    await run("import", "-", stdin=json.dumps(ORDER | there))
    shown = (await run("show", "order", f"{ID}-tokyo")).stdout
    assert "Tue 06 Jan 2026 05:00 JST" in shown


async def test_problems_are_told_in_words_with_the_way_out(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "There is no order none" in (await run("show", "order", "none")).stderr
    await run("import", "-", stdin=json.dumps(ORDER))
    noteless = await run("cancel", "order", ID, "--reason", "other", "--yes")
    assert noteless.exit_code == 1
    assert "Add it with --note" in noteless.stderr
    reasons = await run("quote", "order", ID, "--reason", "help")
    assert "changed_mind  Changed my mind" in reasons.stdout
    nonsense = await run("cancel", "order", ID, "--reason", "nonsense", "--yes")
    assert "`--reason help` lists them" in nonsense.stderr
    unasked = await run("cancel", "order", ID)
    assert (unasked.exit_code, "Add --yes" in unasked.stderr) == (2, True)
    odd = await run("quote", "order", ID, "--line", "1:x")
    assert (odd.exit_code, "write --line ID" in odd.stderr) == (2, True)
    monkeypatch.setenv("RESCIND_KEY", "rsc_wrong")
    assert "Set RESCIND_KEY" in (await run("show", "order", ID)).stderr
    monkeypatch.delenv("RESCIND_KEY")
    keyless = await run("show", "order", ID)
    assert (keyless.exit_code, "Set RESCIND_KEY too" in keyless.stderr) == (2, True)
    monkeypatch.setenv("RESCIND_KEY", "rsc_any")
    monkeypatch.setenv("RESCIND_URL", f"http://127.0.0.1:{ports.any_free()[0]}")
    gone = await run("show", "order", ID)
    assert (gone.exit_code, "Nothing answers at" in gone.stderr) == (1, True)


async def test_a_kept_policy_is_put_into_words_and_told_from_its_older_version(
    run: Run, live: Shop
) -> None:
    await live.policy("grows", rules=[{"keep": "25%"}])
    await live.policy("grows", rules=[{"keep": "50%"}])
    shown = await run("policy", "show", "grows")
    assert shown.exit_code == 0, shown.output
    assert "Always: the fee is half of the price." in shown.stdout
    assert "a quarter of the price" in (await run("policy", "show", "grows@1")).stdout
    differs = await run("policy", "diff", "grows@1", "grows")
    assert differs.exit_code == 1
    assert "was  Always: the fee is a quarter of the price." in differs.stdout
    assert "now  allowed: €50.00 back, fee €50.00" in differs.stdout
    assert (await run("policy", "diff", "grows@2", "grows")).exit_code == 0
    for unknown in ("grows@7", "nobody"):
        missing = await run("policy", "show", unknown)
        assert (missing.exit_code, "There is no policy" in missing.stderr) == (2, True)


async def test_a_quote_speaks_the_words_of_its_policy_and_shows_how_it_was_decided(
    run: Run, live: Shop
) -> None:
    own = {"gone": {"en": "It left this morning.", "de": "Es ist schon weg."}}
    await live.policy("speaks", rules=[{"refuse": "gone"}], sentences=own)
    order = ORDER | {"id": f"{ID}-speaks", "policy": {"id": "speaks"}}
    await run("import", "-", stdin=json.dumps(order))
    done = await run("quote", "order", f"{ID}-speaks", "--trace")
    assert done.exit_code == 1
    assert "  It left this morning." in done.stdout
    assert "How it was decided, by policy speaks, version 1" in done.stdout
    assert "rules[0]  gone: It left this morning." in done.stdout
    assert "How it was" not in (await run("quote", "order", f"{ID}-speaks")).stdout


async def test_refunds_are_asked_for_answered_and_paid_by_hand(run: Run) -> None:
    id_ = f"{ID}-cash"
    cash = {"tenders": [{"method": "cash", "captured_minor": 30_000}]}
    await run("import", "-", stdin=json.dumps(ORDER | {"id": id_} | cash))
    asking = ("refunds", "request", "order", id_, "--yes")
    assert "Name one with --amount" in (await run(*asking)).stderr
    wrong = await run(*asking, "--amount", "1.001")
    assert (wrong.exit_code, "EUR has 2 decimals" in wrong.stderr) == (2, True)
    asked = await run(*asking, "--amount", "5.00", "--note", "It came late")
    request = asked.stdout.split()[2].rstrip(":")
    assert "€5.00, awaiting approval" in asked.stdout
    assert f"rescind refunds approve {request}" in asked.stdout
    waiting = (await run("refunds", "list", "--waiting")).stdout
    assert "waits for a yes" in waiting
    refund = waiting.split()[0]
    part = await run("refunds", "approve", refund, "--amount", "3.00")
    assert "€5.00, accepted" in part.stdout
    assert "€3.00" in part.stdout
    staff = ("--staff", "--reason", "changed_mind")
    large = (await run(*asking, "--amount", "200", *staff)).stdout.split()[2].rstrip(":")
    alone = await run("refunds", "approve", large)
    assert (alone.exit_code, "another person's key" in alone.stderr) == (1, True)
    assert "declined" in (await run("refunds", "decline", large)).stdout
    shown = await _shown(run, refund, "to be paid by hand")
    assert f"rescind refunds pay {refund} --reference TEXT" in shown
    paid = await run("refunds", "pay", refund, "--reference", "receipt 17")
    assert f"Refund {refund}: €3.00, paid otherwise" in paid.stdout
    assert "receipt 17 by key:" in paid.stdout
    late = await run("refunds", "retry", refund)
    assert (late.exit_code, "waits for nobody" in late.stderr) == (1, True)
    listed = json.loads(
        (await run("refunds", "list", "--state", "paid_otherwise", "--json")).stdout
    )
    assert [one["id"] for one in listed["items"]] == [refund]


async def _shown(run: Run, refund: str, text: str) -> str:
    async with asyncio.timeout(10):
        while True:
            told = (await run("refunds", "show", refund)).stdout
            if text in told:
                return told
            await asyncio.sleep(0.1)


async def test_files_that_came_with_a_request_are_listed_and_saved_once(
    run: Run, live: Shop, tmp_path: Path
) -> None:
    order = await live.order()
    caller = await live.as_key(Scope.ADMIN)
    body = {"subject": order.model_dump(mode="json"), "reason": {"code": "changed_mind"}}
    id_ = (await caller.post("/v1/cancellations", json=body)).json()["id"]
    nothing = await run("evidence", id_)
    assert "No files came with it" in nothing.output
    async with live.context.sessions.begin() as session:
        for content in (b"%PDF-1", b"%PDF-2"):
            args = ("note.pdf", "application/pdf", content, live.context.clock())
            await evidence.keep(session, UUID(id_), *args)
    listed = await run("evidence", id_)
    assert listed.output.count("note.pdf: 6 bytes") == 2
    saved = await run("evidence", id_, "--to", str(tmp_path / "case"))
    assert saved.exit_code == 0, saved.output
    files = sorted((tmp_path / "case").iterdir())
    assert [file.read_bytes() for file in files] == [b"%PDF-1", b"%PDF-2"]
    files[0].write_bytes(b"mine")
    again = await run("evidence", id_, "--to", str(tmp_path / "case"))
    assert again.output.count("is there already") == 2
    assert files[0].read_bytes() == b"mine"
    (tmp_path / "taken").write_text("a file")
    refused = await run("evidence", id_, "--to", str(tmp_path / "taken" / "case"))
    assert refused.exit_code != 0
