"""Brings jobs from the database to the queue, in order, and waits where it is full. Nobody's photo is dropped."""

import asyncio
import logging
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice
from time import monotonic

from bot.pipeline.job_pages import PAGE, jobs_of
from bot.timing import Timing
from core.trace import trace_of
from db.chat.chat_records import JobRecord
from db.database import Database
from db.partitions import ALL, Partitions, partition_of
from inference.queue.protocol import Job, JobQueue, QueueFull

AT_ONCE = 16  # jobs on their way to the queue
FEW = 10  # photos are never too many, however slow the worker is

FIRST_GUESS_S = 0.2
TRUST = 4  # so many results does the guess count for
KEPT = 64  # results come by the batch: fewer would make the number jump

log = logging.getLogger(__name__)


class Throughput:
    """The mean time between the last results, as far as there was work all the time."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._pauses_s: deque[float] = deque(maxlen=KEPT)
        self._last: float | None = None

    def beat(self, *, busy: bool) -> None:
        """A result has come. `busy`: others wait, so that the time until the next one says how fast we are."""
        now = self._clock()
        if self._last is not None:
            self._pauses_s.append(now - self._last)
        self._last = now if busy else None

    def wait_s(self, position: int) -> float:
        """Seconds until the photo at this place (1 = next) has its result."""
        per_photo_s = (TRUST * FIRST_GUESS_S + sum(self._pauses_s)) / (TRUST + len(self._pauses_s))
        return max(1, position) * per_photo_s


class Submitter:
    """The line before the queue. What is in it is in the database, too."""

    def __init__(self, queue: JobQueue, timing: Timing, limit_photos: int, limit_wait: timedelta) -> None:
        self._queue = queue
        self._timing = timing
        self._limit_photos = limit_photos
        self._coming = 0
        self._limit_wait_s = limit_wait.total_seconds()
        self._since = datetime.now(UTC)
        self._backlog: OrderedDict[int, JobRecord] = OrderedDict()  # by job id
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self.throughput = Throughput()
        self._bots = 1

    def divide(self, bots: int) -> None:
        """So many bots hear of results, each of its part: we wait for all of them together."""
        self._bots = bots

    def lose(self, partitions: Partitions) -> None:
        """What is not submitted there is another bot's."""
        gone = [job.id for job in self._backlog.values() if partition_of(job.chat_id) in partitions]
        for job_id in gone:
            del self._backlog[job_id]

    def put(self, job: JobRecord) -> None:
        """This photo shall be looked at."""
        self._backlog[job.id] = job
        self._filled.set()

    async def load(self, database: Database, partitions: Partitions = ALL) -> int:
        """Take up what an earlier life of the process left unfinished. Returns: how many."""
        count = 0
        async for job in jobs_of(
            database, lambda unit, last: unit.jobs.unfinished(PAGE, after_id=last, partitions=partitions)
        ):
            self.put(job)
            count += 1
        return count

    def freed(self) -> None:
        """A result has come: there may be room now."""
        self.throughput.beat(busy=self.waiting > 0)
        self._room.set()

    @property
    def waiting(self) -> int:
        """Photos before the worker: in the queue and in front of it."""
        return self._queue.waiting() + len(self._backlog)

    def full(self, sent_at: datetime) -> bool:
        """Whether a photo that was sent then should rather come later. What is stored already is taken all the same.

        However long it takes, what was sent while we were away is taken: nobody sends that again.
        """
        ahead = self.waiting + self._coming
        too_long = self.wait_at_s(ahead) > self._limit_wait_s and ahead >= FEW
        return ahead >= self._limit_photos or (too_long and sent_at >= self._since)

    @contextmanager
    def coming(self) -> Iterator[None]:
        """While a photo is fetched: those that are on their way count as waiting when others ask for room."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    @property
    def wait_s(self) -> float:
        """Seconds until all that waits now is through."""
        return self.wait_at_s(self.waiting)

    def wait_at_s(self, position: int) -> float:
        """Seconds until the photo at this place has its result."""
        return self.throughput.wait_s(math.ceil(position / self._bots))

    def position(self, job_id: int) -> int:
        """The place of a job, 1 = next or being looked at."""
        if job_id in self._backlog:
            return self._queue.waiting() + 1 + list(self._backlog).index(job_id)
        return self._queue.position(job_id) or 1

    async def run(self) -> None:
        """Feed until cancelled."""
        while True:
            while not self._backlog:
                self._filled.clear()
                await self._filled.wait()
            self._room.clear()
            try:
                await self._submit(list(islice(self._backlog.values(), AT_ONCE)))
            except QueueFull:
                await self._await_room()

    async def drain(self) -> None:
        """Wait until a worker has taken everything; for a worker of our own process."""
        while self.waiting:
            self._room.clear()
            await self._await_room()

    async def _submit(self, jobs: list[JobRecord]) -> None:
        """Together, so that they share the way to a queue elsewhere; they arrive in this order. Raises QueueFull."""
        now = time.time()
        submissions = (
            self._queue.submit(Job(job.id, job.photo_sha256, now, trace_of(job.update_id, job.id))) for job in jobs
        )
        outcomes = await asyncio.gather(*submissions, return_exceptions=True)
        for job, outcome in zip(jobs, outcomes, strict=True):
            if outcome is None:
                self._backlog.pop(job.id, None)
        for outcome in outcomes:
            if outcome is not None:
                raise outcome

    async def _await_room(self) -> None:
        try:
            async with asyncio.timeout(self._timing.room_tick_s):
                await self._room.wait()
        except TimeoutError:
            pass  # another process may have made room without our knowing
