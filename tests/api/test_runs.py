"""What a run is called, what ops find it by, and what never gets into it."""

from uuid import uuid4

from sqlalchemy import update
from temporalio.client import Client

from storage import holds, subjects
from storage.holds import HoldMode, HoldRow
from tests.api.conftest import Shop
from tests.api.test_cancellations import ASK, a_body, ask, until
from workflows.attributes import KIND, REASON, SUBJECT


async def test_a_run_is_named_summed_up_and_free_of_personal_text(
    live: Shop, temporal: Client
) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    body = a_body(
        order,
        lines=[{"id": "1", "quantity": 1}, {"id": "2"}],
        reason={"code": "other", "note": "my-own-words"},
        evidence={"photo": "private-link"},
        asker="customer-77",
    )
    told = (await ask(caller, body)).json()
    await until(caller, told["links"]["self"], "cancelled")
    handle = temporal.get_workflow_handle(told["workflow_id"])
    run = await handle.describe()
    assert await run.static_summary() == f"order {order.id}, 2 of 3 items"
    assert run.typed_search_attributes[KIND] == "order"
    assert run.typed_search_attributes[SUBJECT] == order.id
    assert run.typed_search_attributes[REASON] == "other"
    history = (await handle.fetch_history()).to_json()
    for private in ("my-own-words", "private-link", "customer-77", "Ada", "ada@example.com"):
        assert private not in history


async def test_a_subject_held_by_other_work_is_busy(live: Shop) -> None:
    order = await live.order()
    caller = await live.as_key(*ASK)
    async with live.context.sessions.begin() as session:
        row = await subjects.get(session, order)
        now = live.context.clock()
        assert await holds.take(session, row.id, uuid4(), HoldMode.SHARED, now)
        await session.execute(update(HoldRow).values(holder="reschedule"))
    for _ in range(2):
        answer = await ask(caller, a_body(order), "k1")
        assert (answer.status_code, answer.json()["code"]) == (409, "subject_busy")
        assert answer.json()["params"] == {}
