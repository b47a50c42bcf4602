"""The waiting line inside one process. It holds nothing that the database does not know: a restart submits again."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress

from inference.queue.protocol import Job, JobQueue, QueueFull, UnknownQueueUrl, check_queue_url, is_shared

DEFAULT_LIMIT_JOBS = 1000


class LocalQueue:
    """A bounded `JobQueue` for one event loop.

    Cancellation cannot hurt it: jobs change hands only between two awaits, never across one.
    """

    def __init__(self, limit_jobs: int = DEFAULT_LIMIT_JOBS, clock: Callable[[], float] = time.time) -> None:
        """`limit_jobs` bounds the waiting ones; those taken are bounded by who takes them. `clock`: Unix seconds."""
        if limit_jobs < 1:
            raise ValueError(f"limit_jobs must be at least 1, not {limit_jobs}")
        self._limit_jobs = limit_jobs
        self._clock = clock
        self._waiting: OrderedDict[int, Job] = OrderedDict()
        self._taken: set[int] = set()
        self._taker = asyncio.Lock()  # one collects at a time, the others stand in line: first come, first served
        self._added = asyncio.Event()

    async def submit(self, job: Job) -> None:
        """See `JobQueue.submit`."""
        if job.id in self._waiting or job.id in self._taken:
            return
        if len(self._waiting) >= self._limit_jobs:
            raise QueueFull(f"{len(self._waiting)} jobs are waiting already; job {job.id} has to come back later")
        self._waiting[job.id] = job
        self._added.set()

    async def take(self, limit: int, max_wait_s: float) -> list[Job]:
        """See `JobQueue.take`."""
        if limit < 1:
            raise ValueError(f"limit must be at least 1, not {limit}")
        async with self._taker:
            while not self._waiting:
                self._added.clear()
                await self._added.wait()
            if max_wait_s > 0:
                with suppress(TimeoutError):  # a smaller batch, then
                    async with asyncio.timeout(max_wait_s):
                        while len(self._waiting) < limit:
                            self._added.clear()
                            await self._added.wait()
            jobs = [self._waiting.popitem(last=False)[1] for _ in range(min(limit, len(self._waiting)))]
            self._taken.update(job.id for job in jobs)
            return jobs

    async def done(self, job: Job) -> None:
        """See `JobQueue.done`."""
        self._taken.discard(job.id)

    async def put_back(self, jobs: Sequence[Job]) -> None:
        """See `JobQueue.put_back`. May exceed the bound: these jobs had their place already."""
        for job in reversed(jobs):
            if job.id in self._taken:
                self._taken.remove(job.id)
                self._waiting[job.id] = job
                self._waiting.move_to_end(job.id, last=False)
        self._added.set()

    def waiting(self) -> int:
        """See `JobQueue.waiting`."""
        return len(self._waiting)

    def position(self, job_id: int) -> int | None:
        """See `JobQueue.position`."""
        return next((place for place, waiting_id in enumerate(self._waiting, start=1) if waiting_id == job_id), None)

    def oldest_age_s(self) -> float:
        """See `JobQueue.oldest_age_s`."""
        oldest = min((job.submitted_at for job in self._waiting.values()), default=None)
        return 0.0 if oldest is None else max(0.0, self._clock() - oldest)


def open_queue(url: str) -> JobQueue:
    """The line inside this process, for `local:`; raises UnknownQueueUrl.

    A line between processes needs a connection, which has to be opened and closed: `nats.jobs.NatsQueue`.
    """
    check_queue_url(url)
    if is_shared(url):
        raise UnknownQueueUrl("a line between processes is opened by inference.queue.nats.connection")
    return LocalQueue()
