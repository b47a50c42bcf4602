"""Stands in for the classifier where it is not what is measured: a batch takes a fixed time and no processor."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import numpy as np

from core.prediction import BreedScore, Kind, Prediction
from db.errors import DatabaseError
from inference.queue.protocol import Job, JobQueue, JobResult, QueueError

BATCHES_SETTLED = 4  # at the same time
AGAIN_S = 0.5
ANSWER = Prediction(
    Kind.BREED,
    (BreedScore("beagle", 0.9), BreedScore("basset_hound", 0.05), BreedScore("bloodhound", 0.03)),
    0.01,
    "stub-model",
    "stub-backbone",
    np.zeros(2048, np.float16),
)

log = logging.getLogger(__name__)


class StubWorker:
    """Takes what is there, up to a batch, waits, and reports the same answer for each photo.

    Args:
        queue: where the jobs are.
        report: as for `inference.worker.worker.Worker`.
        batch_s: seconds a batch takes, however full it is.
        batch_photos: in a batch at the most; so the capacity is `batch_photos / batch_s` photos a second.
    """

    def __init__(
        self, queue: JobQueue, report: Callable[[JobResult], Awaitable[None]], batch_s: float, batch_photos: int = 1
    ) -> None:
        self._queue = queue
        self._report = report
        self._batch_s = batch_s
        self._batch_photos = batch_photos
        self._ahead: asyncio.Queue[list[Job]] = asyncio.Queue(1)
        self._settling = asyncio.Semaphore(BATCHES_SETTLED)
        self._open: dict[int, Job] = {}
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Work until cancelled; what was not settled is put back. Like the real one it takes jobs ahead."""
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._take())
                group.create_task(self._serve(group))
        finally:
            await self._queue.put_back(list(self._open.values()))

    async def drain(self, deadline_s: float) -> None:
        """Finish what is in hand."""
        async with asyncio.timeout(deadline_s):
            await self._idle.wait()

    async def _take(self) -> None:
        while True:
            jobs = await self._queue.take(self._batch_photos, 0)
            self._open |= {job.id: job for job in jobs}
            self._idle.clear()
            await self._ahead.put(jobs)

    async def _serve(self, group: asyncio.TaskGroup) -> None:
        loop = asyncio.get_running_loop()
        free_at = 0.0
        while True:
            jobs = await self._ahead.get()
            free_at = max(free_at, loop.time()) + self._batch_s
            await asyncio.sleep(free_at - loop.time())
            await self._settling.acquire()
            group.create_task(self._settle_all(jobs))

    async def _settle_all(self, jobs: list[Job]) -> None:
        try:
            await asyncio.gather(*(self._settle(job) for job in jobs))
        finally:
            self._settling.release()

    async def _settle(self, job: Job) -> None:
        result = JobResult(job, (ANSWER,), infer_s=self._batch_s)
        while True:
            try:
                await self._report(result)
                break
            except (QueueError, DatabaseError) as error:
                log.warning("job %d is reported again: %s", job.id, error)
                await asyncio.sleep(AGAIN_S)
        await self._queue.done(job)
        self._open.pop(job.id, None)
        if not self._open:
            self._idle.set()
