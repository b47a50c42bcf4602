"""Brings jobs from the database to the queue, in order, and waits where it is full. Nobody's photo is dropped."""

import asyncio
import logging
import time
from collections import OrderedDict

from bot.job_pages import PAGE, jobs_of
from bot.pace import Pace
from bot.tempo import Tempo
from db.database import Database
from db.records import JobRecord
from inference.queue import Job, JobQueue, QueueFull

log = logging.getLogger(__name__)


class Feeder:
    """The line before the queue. What is in it is in the database, too."""

    def __init__(self, queue: JobQueue, pace: Pace, limit_photos: int) -> None:
        self._queue = queue
        self._pace = pace
        self._limit_photos = limit_photos
        self._backlog: OrderedDict[int, str] = OrderedDict()  # job id → photo
        self._filled = asyncio.Event()
        self._room = asyncio.Event()
        self.tempo = Tempo()

    def put(self, job: JobRecord) -> None:
        """This photo shall be looked at."""
        self._backlog[job.id] = job.photo_sha256
        self._filled.set()

    async def load(self, database: Database) -> int:
        """Take up what an earlier life of the process left unfinished. Returns: how many."""
        count = 0
        async for job in jobs_of(database, lambda unit, last: unit.jobs.unfinished(PAGE, after_id=last)):
            self.put(job)
            count += 1
        return count

    def freed(self) -> None:
        """A result has come: there may be room now."""
        self.tempo.beat()
        self._room.set()

    @property
    def waiting(self) -> int:
        """Photos before the worker: in the queue and in front of it."""
        return self._queue.waiting() + len(self._backlog)

    @property
    def full(self) -> bool:
        """Whether new photos should rather come later. What is stored already is taken all the same."""
        return self.waiting >= self._limit_photos

    @property
    def wait_s(self) -> float:
        """Seconds until all that waits now is through."""
        return self.tempo.wait_s(self.waiting)

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
            job_id, photo = next(iter(self._backlog.items()))
            self._room.clear()
            try:
                await self._queue.submit(Job(job_id, photo, time.time()))
            except QueueFull:
                await self._await_room()
            else:
                self._backlog.pop(job_id, None)

    async def drain(self) -> None:
        """Wait until a worker has taken everything."""
        while self.waiting:
            self._room.clear()
            await self._await_room()

    async def _await_room(self) -> None:
        try:
            async with asyncio.timeout(self._pace.room_tick_s):
                await self._room.wait()
        except TimeoutError:
            pass  # another process may have made room without our knowing
