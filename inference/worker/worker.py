"""Jobs in, results out: photos are looked at in batches, and every step runs ahead of the next."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import closing
from functools import partial

from prometheus_client import CollectorRegistry

from core.retry import Retry
from core.trace import traced
from inference.look.remarks import remarks_on_dogs
from inference.queue.protocol import LIVES, CrashGuard, Failure, Job, JobQueue, JobResult
from inference.worker.batch import Candidate, PredictError, Predictor
from inference.worker.batcher import DEPTH_BATCHES, Batcher
from inference.worker.looker import Fetch, LoadError, Looker
from inference.worker.metrics import WorkerMetrics
from inference.worker.settings import WorkerSettings

log = logging.getLogger(__name__)

Report = Callable[[JobResult], Awaitable[None]]


class Worker:
    """Looks at photos until cancelled or drained.

    Every job that is taken has one task, from fetching to reporting, so that no job can hold up another; the batcher
    brings those together that are ready. At most three batches of jobs are under way: one in the classifier, one behind
    it, one being fetched, decoded or reported.
    """

    def __init__(
        self,
        queue: JobQueue,
        classifier: Callable[[], Predictor],
        fetch: Fetch,
        report: Report,
        settings: WorkerSettings | None = None,
        *,
        shadow: Candidate | None = None,
        guard: CrashGuard | None = None,
        metrics: WorkerMetrics | None = None,
    ) -> None:
        """Nothing starts before `run`.

        Args:
            queue: where the jobs are; each is `done` once its result was reported, or could not be.
            classifier: the champion of now, asked before each batch, always in the same thread; may load a new one.
            fetch: SHA-256 → bytes; LookupError = the photo is gone, anything else is tried again.
            report: stores the result; may see a job again after a restart, so storing twice must be harmless.
            settings: bounds.
            shadow: the candidate of now, scored on the same features.
            guard: finds out photos that kill the process; None = they kill it again after each restart.
            metrics: None counts without publishing.
        """
        self._queue = queue
        self._classifier = classifier
        self._fetch = fetch
        self._report = report
        self._shadow = shadow
        self._guard = guard
        self._settings = settings or WorkerSettings()
        self._metrics = metrics or WorkerMetrics(CollectorRegistry())
        self._reporting = Retry(self._settings.tries, self._settings.report_timeout_s, self._settings.retry_wait_s)
        self._open: dict[int, Job] = {}  # taken and not settled, oldest first
        self._tasks: set[asyncio.Task[None]] = set()
        self._settled = asyncio.Event()
        self._taking: asyncio.Task[None] | None = None
        self._stopping = False
        self._stopped = asyncio.Event()
        self._stopped.set()

    async def run(self) -> None:
        """Work until cancelled, or until `drain` is through. Jobs that were not settled are put back into the queue."""
        self._stopped.clear()
        try:
            batcher = Batcher(self._classifier, self._settings, self._metrics, self._shadow)
            with closing(Looker(self._fetch, batcher, self._settings, self._metrics, self._shadow)) as looker:
                async with asyncio.TaskGroup() as batching:
                    sending = batching.create_task(batcher.run())
                    await self._work(looker, batcher)
                    sending.cancel()
        finally:
            self._taking = None
            self._stopped.set()

    async def drain(self, deadline_s: float) -> None:
        """Take nothing more, and return when what is under way is settled, or after `deadline_s` put back."""
        self._stopping = True
        if self._taking is not None:
            self._taking.cancel()
        try:
            async with asyncio.timeout(deadline_s):
                await self._stopped.wait()
        except TimeoutError:
            log.warning("%d jobs are not through after %g s and wait for the next start", len(self._open), deadline_s)
            for task in self._tasks:
                task.cancel()
            await self._stopped.wait()

    async def _work(self, looker: Looker, batcher: Batcher) -> None:
        try:
            async with asyncio.TaskGroup() as jobs:
                self._taking = jobs.create_task(self._take(jobs, looker, batcher))
                if self._stopping:
                    self._taking.cancel()
        finally:
            await self._put_back()

    async def _take(self, jobs: asyncio.TaskGroup, looker: Looker, batcher: Batcher) -> None:
        try:
            await batcher.classifier()
        except Exception:
            log.exception("there is no classifier; every job will ask for one again")
            self._metrics.errors.labels("load").inc()
        while True:
            taken = {job.id: job for job in await self._next(batcher)}  # a shared queue repeats
            fresh = [job for job in taken.values() if job.id not in self._open]
            self._open |= {job.id: job for job in fresh}  # before anything is awaited: what is taken must not get lost
            begun = await self._begin(fresh)
            suspects = [job for job in fresh if begun.get(job.id, 1) > 1]
            if self._guard is not None and len(suspects) > 1:
                await self._guard.put_back(suspects)  # each is noted in its turn: nobody suffers for those before it
            for job in fresh:
                times = begun.get(job.id, 1)
                if times > 1:
                    await self._until_idle()
                    if len(suspects) > 1:
                        await self._begin([job])
                task = jobs.create_task(self._serve(job, times, looker))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
                if times > 1:
                    await self._until_idle()

    async def _begin(self, jobs: Sequence[Job]) -> Mapping[int, int]:
        """How often each was begun. What cannot be noted is looked at all the same: answers come first."""
        if self._guard is None or not jobs:
            return {}
        try:
            return await self._guard.begin(jobs)
        except Exception:
            log.exception("%d photos are looked at without a note of it", len(jobs))
            self._metrics.errors.labels("begin").inc()
            return {}

    async def _until_idle(self) -> None:
        """A photo that the process may die of is alone: nobody else shall go down, or be suspected, with it."""
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))

    async def _next(self, batcher: Batcher) -> list[Job]:
        """Once there is room for half a batch: each take costs a note in the database, and one more would only wait."""
        while (room_jobs := (DEPTH_BATCHES + 1) * batcher.limit_photos - len(self._open)) < batcher.limit_photos / 2:
            self._settled.clear()
            await self._settled.wait()
        try:
            return await self._queue.take(room_jobs, 0)  # no linger: photos wait in the batcher, others are decoded
        except Exception:
            log.exception("the queue gave no jobs")
            self._metrics.errors.labels("take").inc()
        await asyncio.sleep(self._settings.retry_wait_s)
        return []

    async def _serve(self, job: Job, times: int, looker: Looker) -> None:
        with traced(job.trace):
            queue_s = max(0.0, time.time() - job.submitted_at)
            self._metrics.queue_s.observe(queue_s)
            log.info("photo taken", extra={"job": job.id, "queue_s": round(queue_s, 4), "times": times})
            if times > LIVES:
                log.error("photo given up: the process died of it", extra={"job": job.id, "times": times - 1})
                result = JobResult(job, failure=Failure.POISON, queue_s=queue_s)
            elif queue_s > self._settings.max_age_s:
                result = JobResult(job, failure=Failure.TOO_OLD, queue_s=queue_s)
            else:
                result = await self._result(job, queue_s, looker)
            await self._hand_over(result)
            self._open.pop(job.id, None)
            self._settled.set()
            try:
                await self._queue.done(job)
            except Exception:
                log.exception("the queue did not take note that job %d is done", job.id)
                self._metrics.errors.labels("done").inc()

    async def _result(self, job: Job, queue_s: float, looker: Looker) -> JobResult:
        """The edge of one job: whatever happens to it becomes its result."""
        failure = Failure.INTERNAL
        try:
            photo, answer = await looker.look(job.photo_sha256)
            said, remarks = answer.predictions, photo.remarks + remarks_on_dogs(answer.predictions, photo.size_px)
            return JobResult(job, said, None, queue_s, photo.decode_s, answer.infer_s, answer.shadows, remarks)
        except LoadError as error:
            failure = error.failure
        except PredictError as error:
            log.error("job %d has no prediction: %s", job.id, error)  # noqa: TRY400 - its trace was logged in the thread
        except asyncio.CancelledError:
            _raise_if_ours()
            log.exception("job %d: something that it waited for was cancelled", job.id)
        except Exception:
            log.exception("job %d failed", job.id)
            self._metrics.errors.labels("job").inc()
        return JobResult(job, failure=failure, queue_s=queue_s)

    async def _hand_over(self, result: JobResult) -> None:
        """Report, and survive that nobody takes the report: the job is unfinished in the database and comes back."""
        job_id, said = result.job.id, result.predictions
        try:
            await self._reporting(partial(self._report, result))
        except asyncio.CancelledError:
            _raise_if_ours()
            log.exception("the report of job %d was cancelled", job_id)
        except Exception:
            log.exception("the result of job %d could not be reported", job_id)
            self._metrics.errors.labels("report").inc()
        else:
            self._metrics.results.labels(str(said[0].kind if said else result.failure)).inc()
            numbers = {
                "job": job_id,
                "kind": ", ".join(one.kind for one in said) or f"failed: {result.failure}",
                "model": said[0].model if said else "",
                "decode_s": round(result.decode_s, 4),
                "infer_s": round(result.infer_s, 4),
            }
            log.info("photo looked at", extra=numbers)

    async def _put_back(self) -> None:
        unsettled = list(self._open.values())
        self._open.clear()
        try:
            if unsettled:
                await self._queue.put_back(unsettled)
                if self._guard is not None:
                    await self._guard.put_back(unsettled)
        except Exception:
            log.exception("%d jobs could not be put back", len(unsettled))
            self._metrics.errors.labels("put_back").inc()


def _raise_if_ours() -> None:
    """Inside `except CancelledError`: raise on when this task was cancelled, and not something that it awaited."""
    task = asyncio.current_task()
    if task is None or task.cancelling():
        raise  # noqa: PLE0704 - called from the handler
