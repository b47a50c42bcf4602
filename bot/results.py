"""What the worker found out goes into the database here, and from there to the sender of the photo."""

import logging

from bot.delivery import Delivery
from bot.feeder import Feeder
from bot.metrics import Metrics
from bot.nursery import Nursery
from db.database import Database
from db.errors import RowMissing
from db.records import JobRecord, NewPrediction
from inference.prediction import Prediction
from inference.queue import Failure, JobResult

log = logging.getLogger(__name__)


class Results:
    """`report` is what the worker calls with each result; it returns once the result is committed."""

    def __init__(
        self, database: Database, delivery: Delivery, feeder: Feeder, saves: Nursery, metrics: Metrics
    ) -> None:
        self._database = database
        self._delivery = delivery
        self._feeder = feeder
        self._saves = saves
        self._metrics = metrics

    async def report(self, result: JobResult) -> None:
        """Store a result, even if the worker is cancelled meanwhile, and have it delivered.

        The same result twice is stored once. Raises: DatabaseError - it is not stored; report it again.
        """
        self._metrics.queue_seconds.observe(result.queue_s)
        self._metrics.decode_seconds.observe(result.decode_s)
        self._metrics.infer_seconds.observe(result.infer_s)
        job = await self._saves.shielded(self._store(result), f"save of job {result.job.id}")
        self._feeder.freed()
        if job is not None:
            self._delivery.put(job)

    async def _store(self, result: JobResult) -> JobRecord | None:
        job_id = result.job.id
        try:
            async with self._database.unit() as unit:
                if result.prediction is not None:
                    await unit.predictions.add(job_id, _stored(result.prediction))
                else:
                    await unit.jobs.set_failed(job_id, result.failure or Failure.INTERNAL)
                return await unit.jobs.get(job_id)
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
