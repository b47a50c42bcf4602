"""What one bot does for all: it goes on for as long as that is its duty."""

import asyncio
from collections.abc import Awaitable, Callable

from bot.pipeline.partitions.ownership import Ownership
from bot.pipeline.partitions.permission import under

Work = Callable[[], Awaitable[None]]


def while_leading(ownership: Ownership, work: Work, look_s: float) -> Work:
    """`work`, begun whenever we come to lead and cancelled when we do no more; what it says is said only meanwhile."""

    def leads() -> bool:
        return ownership.leads

    async def keep() -> None:
        while True:
            while not leads():  # noqa: ASYNC110 - it ends by time, which nobody announces
                await asyncio.sleep(look_s)
            async with asyncio.TaskGroup() as group:
                with under(leads):
                    doing = group.create_task(_run(work))
                while leads():  # noqa: ASYNC110 - as above
                    await asyncio.sleep(look_s)
                doing.cancel()

    return keep


async def _run(work: Work) -> None:
    await work()
