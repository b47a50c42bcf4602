"""The whole path of a photo, from bytes to prediction, as something to be measured."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from inference.queue.local import LocalQueue
from inference.queue.protocol import Job, JobResult
from inference.worker.batch import Predictor
from inference.worker.batcher import DEPTH_BATCHES
from inference.worker.settings import WorkerSettings
from inference.worker.worker import Worker


class PathError(Exception):
    """A photo was not answered, so there is nothing to measure."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Photos answered in a second, and how many the number rests on."""

    per_s: float
    photos: int


class FirstLook:
    """A classifier whose first look is all there is: what can be compared with the engine, photo for photo."""

    second = None

    def __init__(self, classifier: Predictor) -> None:
        self.preprocessing = classifier.preprocessing
        self.batch_sizes = classifier.batch_sizes
        self.predict = classifier.predict
        self.cells = classifier.cells


class ServedPath:
    """A worker on a local queue, as in `breedbot run`; its `run` has to be going on."""

    def __init__(self, classifier: Predictor, files: Sequence[bytes], settings: WorkerSettings | None = None) -> None:
        """`files` are sent again and again."""
        self._files = files
        self._batch_photos = classifier.batch_sizes[-1]
        self._queue = LocalQueue()
        self.worker = Worker(self._queue, lambda: classifier, self._fetch, self._report, settings)
        self._sent = 0
        self._answered_s: list[float] = []
        self._open = 0
        self._end_s = 0.0
        self._refilled_s = 0.0
        self._fewest = 0
        self._idle = asyncio.Event()
        self._failure: JobResult | None = None

    async def alone(self) -> float:
        """Seconds from handing one photo over until its result is reported."""
        start = time.perf_counter()
        await self._flow(in_flight=1, seconds=0, fewest=1)
        return self._answered_s[-1] - start

    async def saturated(self, seconds: float, fewest: int) -> Flow:
        """Keep the worker busy for `seconds` and until `fewest` photos were answered after the first two batches."""
        skipped = DEPTH_BATCHES * self._batch_photos
        # One batch more than a worker takes, so that the queue is never empty.
        await self._flow((DEPTH_BATCHES + 2) * self._batch_photos, seconds, skipped + fewest)
        steady_s = [at for at in self._answered_s[skipped:] if at <= self._refilled_s]
        return Flow(slope(steady_s), len(steady_s))

    async def _flow(self, in_flight: int, seconds: float, fewest: int) -> None:
        self._answered_s = []
        self._fewest = fewest
        self._end_s = time.perf_counter() + seconds
        self._idle.clear()
        for _ in range(in_flight):
            await self._send()
        await self._idle.wait()
        if self._failure is not None:
            raise PathError(f"photo {self._failure.job.photo_sha256} was not answered: {self._failure.failure}")

    async def _send(self) -> None:
        self._sent += 1
        self._open += 1
        await self._queue.submit(Job(self._sent, str(self._sent % len(self._files)), time.time()))

    async def _fetch(self, name: str) -> bytes:
        return self._files[int(name)]

    async def _report(self, result: JobResult) -> None:
        now = time.perf_counter()
        self._answered_s.append(now)
        self._open -= 1
        if result.failure is not None:
            self._failure = result
        if self._failure is None and (now < self._end_s or len(self._answered_s) < self._fewest):
            self._refilled_s = now
            await self._send()
        elif self._open == 0:
            self._idle.set()


def slope(times_s: Sequence[float]) -> float:
    """Answers a second as the slope of the line through the staircase of answers: they come a batch at a time, and a
    quotient of count and time would depend on which side of a step the clock was stopped.
    """
    return float(np.polyfit(np.asarray(times_s) - times_s[0], np.arange(len(times_s)), 1)[0])
