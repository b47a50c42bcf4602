"""A photo's job: on its way to the worker, in its hands, and back. Nobody's photo is dropped.

It is submitted when it is due, and again where nothing was heard of it; its result is stored, and told from there.
"""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from time import monotonic

from bot.metrics import Metrics
from bot.timing import Timing
from core.clock import utc_now
from core.prediction import WHOLE_PHOTO
from core.supervisor import Supervisor
from core.trace import trace_of
from db.chat.chat_records import JobRecord, NewPrediction
from db.database import Database
from db.errors import DatabaseError
from db.unit import Unit
from inference.queue.protocol import Failure, Job, JobQueue, JobResult, QueueFull
from training.learning.promotion.service import Learning

AT_ONCE = 32  # jobs on their way to the queue
AGAIN_AFTER = timedelta(minutes=10)  # longer than a queue knows a job that it was given twice
FEW = 10  # photos are never too many, however slow the worker is
COUNT_LIMIT = 100_000

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
    """The way into the queue, and what there is to say about the time that it takes."""

    def __init__(
        self, queue: JobQueue, database: Database, timing: Timing, limit_photos: int, limit_wait: timedelta
    ) -> None:
        self._queue = queue
        self._database = database
        self._timing = timing
        self._limit_photos = limit_photos
        self._limit_wait_s = limit_wait.total_seconds()
        self._since = datetime.now(UTC)
        self._not_submitted = 0  # when we looked last
        self._wake = asyncio.Event()
        self.throughput = Throughput()

    def look(self) -> None:
        """A job may be due."""
        self._wake.set()

    def freed(self) -> None:
        """A result has come: there may be room now."""
        self.throughput.beat(busy=self.waiting > 0)
        if self._not_submitted:
            self._wake.set()

    @property
    def waiting(self) -> int:
        """Photos before the worker: in the queue and in front of it."""
        return self._queue.waiting() + self._not_submitted

    def full(self, sent_at: datetime, coming: int = 0) -> bool:
        """Whether a photo that was sent then should rather come later. What is stored already is taken all the same.

        However long it takes, what was sent while we were away is taken: nobody sends that again. `coming`: photos that
        are being fetched.
        """
        ahead = self.waiting + coming
        too_long = ahead >= FEW and self.throughput.wait_s(ahead) > self._limit_wait_s
        return ahead >= self._limit_photos or (too_long and sent_at >= self._since)

    @property
    def wait_s(self) -> float:
        """Seconds until all that waits now is through."""
        return self.throughput.wait_s(self.waiting)

    def position(self, job_id: int) -> int:
        """The place of a job, 1 = next or being looked at; of one that is in front of the queue the first behind it."""
        found = self._queue.position(job_id)
        return found if found is not None else self._queue.waiting() + 1 if self._not_submitted else 1

    async def run(self) -> None:
        """Submit until cancelled; also what was submitted before: that queue may be gone with its process."""
        await self._database.write(lambda unit: unit.jobs.submit_again())
        while True:
            self._wake.clear()
            try:
                more = await self._submit()
            except QueueFull:
                more = False
            except DatabaseError as error:
                log.warning("photos are not submitted: %s", error)
                more = False
            if not more:
                with suppress(TimeoutError):  # another process may have made room without our knowing
                    async with asyncio.timeout(self._timing.room_tick_s):
                        await self._wake.wait()

    async def drain(self) -> None:
        """Wait until a worker has taken everything; for a worker of our own process. Raises DatabaseError."""
        while await self._count_due() or self.waiting:
            self.look()
            await asyncio.sleep(self._timing.room_tick_s / 10)  # the queue tells nobody

    async def _count_due(self) -> int:
        async with self._database.unit(read_only=True) as unit:
            return await unit.jobs.count_pending(1, due=True)

    async def _submit(self) -> bool:
        """What is due. Returns: whether there may be more. Raises QueueFull, DatabaseError."""
        async with self._database.unit(read_only=True) as unit:
            jobs = await unit.jobs.due(AT_ONCE)
            due = len(jobs) if len(jobs) < AT_ONCE else await unit.jobs.count_pending(COUNT_LIMIT, due=True)
        self._not_submitted = due - len(jobs)
        # Together, so that they share the way to a queue elsewhere; they arrive in this order.
        now = time.time()
        submissions = [
            self._queue.submit(Job(job.id, job.photo_sha256, now, trace_of(job.update_id, job.id))) for job in jobs
        ]
        outcomes = await asyncio.gather(*submissions, return_exceptions=True)
        handed = [job.id for job, outcome in zip(jobs, outcomes, strict=True) if outcome is None]
        self._not_submitted += len(jobs) - len(handed)
        if handed:
            await self._database.write(lambda unit: unit.jobs.submitted(handed, utc_now() + AGAIN_AFTER))
        for outcome in outcomes:
            if outcome is not None:
                raise outcome
        return len(jobs) == AT_ONCE


class Results:
    """`report` is what the worker calls with each result; it returns once the result is committed."""

    def __init__(
        self,
        database: Database,
        submitter: Submitter,
        saves: Supervisor,
        metrics: Metrics,
        answer_came: Callable[[], None],
        album_came: Callable[[], None],
        learning: Learning | None = None,
    ) -> None:
        """Told when there is something to say, or when an album may be complete.

        `learning`: notes what a candidate would have answered.
        """
        self._database = database
        self._submitter = submitter
        self._saves = saves
        self._metrics = metrics
        self._answer_came = answer_came
        self._album_came = album_came
        self._learning = learning

    async def report(self, result: JobResult) -> None:
        """Store a result, even if the worker is cancelled meanwhile, and have it delivered.

        The same result twice is stored once. Raises: DatabaseError - it is not stored; report it again.
        """
        self._metrics.looked_at(result)
        store = self._database.write(partial(_store, result))
        job, prediction_ids = await self._saves.shielded(store, f"save of job {result.job.id}")
        self._submitter.freed()
        if job is not None:
            (self._answer_came if job.media_group_id is None else self._album_came)()
        # After the answer is on its way, and in a transaction of its own: the candidate cannot cost anybody theirs.
        if self._learning is not None and len(result.shadows) == len(prediction_ids):
            for prediction_id, score in zip(prediction_ids, result.shadows, strict=True):
                await self._learning.noted(prediction_id, score)


async def _store(result: JobResult, unit: Unit) -> tuple[JobRecord | None, list[int]]:
    """Returns: the job, if it is still there, and its predictions, one a dog."""
    job_id, prediction_ids = result.job.id, list[int]()
    dogs = [
        NewPrediction(
            kind=one.kind,
            top=one.top,
            not_a_dog=one.not_a_dog,
            model_id=one.model,
            backbone_id=one.backbone,
            features=one.features.astype("<f2").tobytes(),
            dog=dog,
            box=None if one.box == WHOLE_PHOTO else one.box,
        )
        for dog, one in enumerate(result.predictions)
    ]
    job = await unit.jobs.get(job_id, hold=True)
    if job is None:
        log.info("job %s is gone; its result is dropped", job_id)
        return None, []
    if dogs:
        prediction_ids = [one.id for one in await unit.predictions.add_all(job, dogs)]
        if result.remarks:
            await unit.jobs.set_remarks(job_id, result.remarks)
    else:
        await unit.jobs.set_failed(job_id, result.failure or Failure.INTERNAL)
    if job.answered_at is None and job.media_group_id is None:
        await unit.outbox.add(job.id, job.chat_id, job.user_id)
    elif job.answered_at is None and job.media_group_id is not None:  # its answer is said when the album is complete
        await unit.albums.wake(job.chat_id, job.media_group_id)
    return job, prediction_ids
