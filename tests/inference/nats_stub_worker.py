"""A worker process with a classifier that needs a fixed time: killed by tests. Usage: URL SECONDS_PER_PHOTO."""

import asyncio
import sys

from core.retry import Retry
from inference.queue.nats.connection import NatsLink
from inference.queue.nats.jobs import NatsQueue
from inference.queue.nats.url import NatsUrl
from inference.queue.protocol import Failure, Job, JobResult

AT_ONCE = 8


async def work(url: str, service_s: float) -> None:
    reporting = Retry(tries=20, timeout_s=10, wait_s=0.1)
    async with NatsLink(NatsUrl.parse(url), "stub") as link, NatsQueue(link) as queue:
        while True:
            jobs = await queue.take(AT_ONCE, 0)
            await asyncio.sleep(service_s * len(jobs))
            for job in jobs:
                await reporting(lambda job=job: queue.report(answer(job)))  # type: ignore[misc]
                await queue.done(job)


def answer(job: Job) -> JobResult:
    return JobResult(job, failure=Failure.UNREADABLE)


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], float(sys.argv[2])))
