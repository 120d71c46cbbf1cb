"""A worker as a process of its own, to be killed: the real one without its schedules, which would
outlive the test at the Temporal that all tests share."""

import asyncio
from contextlib import AsyncExitStack

from runtime import temporal
from runtime.settings import Settings
from worker import activities, make_worker


async def main() -> None:
    settings = Settings()
    client = await temporal.connect_patiently(settings)
    async with AsyncExitStack() as stack:
        steps = await activities(stack, client, settings, settings.database_url or "")
        await stack.enter_async_context(make_worker(client, settings.temporal_task_queue, steps))
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main())
