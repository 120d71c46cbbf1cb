"""A worker as a process of its own, to be killed. It parks chosen subjects at chosen steps."""

import asyncio
import os
from contextlib import AsyncExitStack

from pydantic import BaseModel, SecretStr
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from runtime.settings import Settings
from storage.database import make_engine, make_sessions
from tests.matrix.meddling import Meddling, Parked, Plan, Rejected
from worker import activities, make_worker

VARIABLE = "RESCIND_PARKED"
PARKED = "parked"


class Order(BaseModel):
    """What one step of one subject meets: `before` is None where it is rejected."""

    subject: str
    step: str
    before: bool | None


class Orders(BaseModel):
    """Where to work, and what to do to whom."""

    database_url: str
    smtp_url: str
    cards_url: str
    warehouse_url: str
    warehouse_secret: str
    temporal_address: str
    namespace: str
    task_queue: str
    orders: list[Order]


async def main() -> None:
    orders = Orders.model_validate_json(os.environ[VARIABLE])
    client = await Client.connect(
        orders.temporal_address,
        namespace=orders.namespace,
        data_converter=pydantic_data_converter,
    )
    settings = Settings(
        database_url=orders.database_url,
        smtp_url=orders.smtp_url,
        cards_url=orders.cards_url,
        warehouse_url=orders.warehouse_url,
        warehouse_secret=SecretStr(orders.warehouse_secret),
        temporal_task_queue=orders.task_queue,
    )
    engine = make_engine(orders.database_url)
    meddling = Meddling(make_sessions(engine))
    async with AsyncExitStack() as stack:
        steps = await activities(stack, client, settings, orders.database_url)
        for order in orders.orders:
            meddling.plans[order.subject, order.step] = _plan(order)
        await stack.enter_async_context(make_worker(client, orders.task_queue, steps, [meddling]))
        await asyncio.gather(*(_tell(key, plan) for key, plan in meddling.plans.items()))
        await asyncio.Event().wait()


def _plan(order: Order) -> Plan:
    return Rejected() if order.before is None else Parked(before=order.before)


async def _tell(key: tuple[str, str], plan: Plan) -> None:
    """Say on standard output that it has come to this."""
    await plan.met.wait()
    print(PARKED, *key, flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main())
