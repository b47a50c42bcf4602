"""What the worker found out goes into the database here, and from there to the sender of the photo."""

import logging
from dataclasses import dataclass
from typing import Protocol

from bot.metrics import Metrics
from bot.pipeline.outbox import Outbox
from bot.pipeline.partitions.ownership import Alone, Ownership, Wakes
from bot.pipeline.submit import Submitter
from core.prediction import Prediction
from core.supervisor import Supervisor
from db.chat.chat_records import JobRecord, NewPrediction
from db.database import Database
from db.errors import RowMissing
from db.partitions import partition_of
from inference.model.shadow_score import ShadowScore
from inference.queue.protocol import Failure, JobResult

log = logging.getLogger(__name__)


class ShadowNotes(Protocol):
    """Where it is noted what a candidate would have answered: `bot.learning`."""

    async def noted(self, prediction_id: int, score: ShadowScore) -> None:
        """Raises nothing."""


@dataclass(frozen=True, slots=True)
class _Stored:
    """A job with its result in the database; no prediction where there is a failure."""

    job: JobRecord
    prediction_id: int | None


class Results:
    """`report` is what the worker calls with each result; it returns once the result is committed."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        submitter: Submitter,
        saves: Supervisor,
        metrics: Metrics,
        shadow_notes: ShadowNotes | None = None,
        ownership: Ownership | None = None,
        wakes: Wakes | None = None,
    ) -> None:
        self._ownership = ownership or Alone()
        self._wakes = wakes
        self._database = database
        self._outbox = outbox
        self._submitter = submitter
        self._saves = saves
        self._metrics = metrics
        self._shadow_notes = shadow_notes

    async def report(self, result: JobResult) -> None:
        """Store a result, even if the worker is cancelled meanwhile, and have it delivered.

        The same result twice is stored once. Raises: DatabaseError - it is not stored; report it again.
        """
        self._metrics.queue_seconds.observe(result.queue_s)
        self._metrics.decode_seconds.observe(result.decode_s)
        self._metrics.infer_seconds.observe(result.infer_s)
        self._metrics.outcomes.photo(result.failure)
        stored = await self._saves.shielded(self._store(result), f"save of job {result.job.id}")
        self._submitter.freed()
        if stored is not None:
            await self._deliver(stored.job)
            # After the answer is on its way, and in a transaction of its own: the candidate cannot cost anybody theirs.
            if self._shadow_notes and result.shadow is not None and stored.prediction_id is not None:
                await self._shadow_notes.noted(stored.prediction_id, result.shadow)

    async def _deliver(self, job: JobRecord) -> None:
        """By us, or by the bot whose chat it is; the one it will be, if nobody hears us."""
        if self._ownership.owns(job.chat_id):
            self._outbox.put(job)
        elif self._wakes is not None:
            await self._wakes.answers(partition_of(job.chat_id), [job.id])

    async def _store(self, result: JobResult) -> _Stored | None:
        job_id = result.job.id
        try:
            async with self._database.unit() as unit:
                prediction_id = None
                if result.prediction is not None:
                    prediction_id = (await unit.predictions.add(job_id, _stored(result.prediction))).id
                else:
                    await unit.jobs.set_failed(job_id, result.failure or Failure.INTERNAL)
                job = await unit.jobs.get(job_id)
                return None if job is None else _Stored(job, prediction_id)
        except RowMissing:
            log.info("job %s is gone; its result is dropped", job_id)
            return None


def _stored(prediction: Prediction) -> NewPrediction:
    return NewPrediction(
        kind=prediction.kind,
        top=prediction.top,
        not_a_dog=prediction.not_a_dog,
        model_id=prediction.model,
        backbone_id=prediction.backbone,
        features=prediction.features.astype("<f2").tobytes(),
    )
