"""Simulated workers on a queue: `python -m breedbot.bench.scale.stub_workers URL COUNT BATCH_S BATCH_PHOTOS`."""

import asyncio
import sys

from breedbot.bench.scale.stub_worker import StubWorker
from breedbot.serve.stop_signals import stop_signals
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.url import NatsUrl


async def serve(url: str, count: int, batch_s: float, batch_photos: int) -> None:
    """Each has a connection of its own, as in processes of their own. Until SIGTERM."""
    stop = asyncio.Event()
    with stop_signals(stop, lambda: None):
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(_work(url, batch_s, batch_photos)) for _ in range(count)]
            await stop.wait()
            for worker in workers:
                worker.cancel()


async def _work(url: str, batch_s: float, batch_photos: int) -> None:
    async with NatsLink(NatsUrl.parse(url)) as link, NatsQueue(link) as queue:
        await link.ready_for_ever()
        await StubWorker(queue, queue.report, batch_s, batch_photos).run()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])))
