"""Photos before a worker, and how long each waits for its answer."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from breedbot.bench.serving.sample_photos import sample_photo
from inference.model.classifier import Champion
from inference.queue.local import LocalQueue
from inference.queue.protocol import Job, JobResult
from inference.worker.worker import Worker

PHOTOS = 8
IN_FLIGHT = 4  # so that the worker is never idle


@dataclass(frozen=True, slots=True)
class Waits:
    """Milliseconds from handing a photo over until its answer is there."""

    p50_ms: float
    p95_ms: float
    max_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Waits":
        """Of so many answers."""
        p50, p95, most = np.percentile(np.asarray(seconds) * 1000, [50, 95, 100])
        return cls(float(p50), float(p95), float(most))


class WorkerLoad:
    """Photos before a worker, a few at a time; jobs are numbered on and on.

    Attributes:
        worker: to be run beside `answer`.
        answered: so many so far.
        progress: notified at each answer.
    """

    def __init__(self, champion: Champion) -> None:
        """`worker` has to run meanwhile."""
        self._files = [sample_photo(seed) for seed in range(PHOTOS)]
        self._queue = LocalQueue()
        self.worker = Worker(self._queue, champion, self._fetch, self._report)
        self._results: dict[int, asyncio.Future[JobResult]] = {}
        self._sent = 0
        self.answered = 0
        self.progress = asyncio.Condition()

    async def answer(self, count: int, in_flight: int = IN_FLIGHT) -> list[tuple[JobResult, float]]:
        """So many results, each with its seconds; so many photos are under way at a time."""
        room = asyncio.Semaphore(in_flight)
        async with asyncio.TaskGroup() as jobs:
            tasks = [jobs.create_task(self._one(room)) for _ in range(count)]
        return [task.result() for task in tasks]

    async def _one(self, room: asyncio.Semaphore) -> tuple[JobResult, float]:
        async with room:
            self._sent += 1
            number = self._sent
            outcome = self._results[number] = asyncio.get_running_loop().create_future()
            start = time.perf_counter()
            await self._queue.submit(Job(number, str(number % len(self._files)), time.time()))
            return await outcome, time.perf_counter() - start

    async def _fetch(self, name: str) -> bytes:
        return self._files[int(name)]

    async def _report(self, result: JobResult) -> None:
        self._results.pop(result.job.id).set_result(result)
        async with self.progress:
            self.answered += 1
            self.progress.notify_all()
