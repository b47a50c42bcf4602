"""What the worker found out goes into the database here, and from there to the sender of the photo."""

import logging
from collections.abc import Callable
from typing import Protocol

from bot.metrics import Metrics
from bot.pipeline.submit import Submitter
from core.prediction import WHOLE_PHOTO, Prediction
from core.supervisor import Supervisor
from db.chat.chat_records import JobRecord, NewPrediction
from db.database import Database
from db.errors import RowMissing
from db.unit import Unit
from inference.model.shadow_score import ShadowScore
from inference.queue.protocol import Failure, JobResult

log = logging.getLogger(__name__)


class ShadowNotes(Protocol):
    """Where it is noted what a candidate would have answered: `bot.learning`."""

    async def noted(self, prediction_id: int, score: ShadowScore) -> None:
        """Raises nothing."""


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
        shadow_notes: ShadowNotes | None = None,
    ) -> None:
        """`answer_came`: there is something to say; `album_came`: an album may be complete."""
        self._database = database
        self._submitter = submitter
        self._saves = saves
        self._metrics = metrics
        self._answer_came = answer_came
        self._album_came = album_came
        self._shadow_notes = shadow_notes

    async def report(self, result: JobResult) -> None:
        """Store a result, even if the worker is cancelled meanwhile, and have it delivered.

        The same result twice is stored once. Raises: DatabaseError - it is not stored; report it again.
        """
        self._metrics.looked_at(result)
        store = self._database.write(lambda unit: _store(unit, result))
        job, prediction_ids = await self._saves.shielded(store, f"save of job {result.job.id}")
        self._submitter.freed()
        if job is not None:
            (self._answer_came if job.media_group_id is None else self._album_came)()
        # After the answer is on its way, and in a transaction of its own: the candidate cannot cost anybody theirs.
        if self._shadow_notes and len(result.shadows) == len(prediction_ids):
            for prediction_id, score in zip(prediction_ids, result.shadows, strict=True):
                await self._shadow_notes.noted(prediction_id, score)


async def _store(unit: Unit, result: JobResult) -> tuple[JobRecord | None, list[int]]:
    """Returns: the job, if it is still there, and its predictions, one a dog."""
    job_id, prediction_ids = result.job.id, list[int]()
    try:
        if result.predictions:
            dogs = [_stored(one, dog) for dog, one in enumerate(result.predictions)]
            prediction_ids = [one.id for one in await unit.predictions.add_all(job_id, dogs)]
            if result.remarks:
                await unit.jobs.set_remarks(job_id, result.remarks)
        else:
            await unit.jobs.set_failed(job_id, result.failure or Failure.INTERNAL)
        job = await unit.jobs.get(job_id)
    except RowMissing:
        job = None
    if job is None:
        log.info("job %s is gone; its result is dropped", job_id)
    elif job.answered_at is None:
        await unit.jobs.to_be_told(job)
    return job, prediction_ids


def _stored(prediction: Prediction, dog: int) -> NewPrediction:
    return NewPrediction(
        kind=prediction.kind,
        top=prediction.top,
        not_a_dog=prediction.not_a_dog,
        model_id=prediction.model,
        backbone_id=prediction.backbone,
        features=prediction.features.astype("<f2").tobytes(),
        dog=dog,
        box=None if prediction.box == WHOLE_PHOTO else prediction.box,
    )
