"""An album out of the database, as one person's answer or another's press needs it."""

from collections.abc import Sequence

from bot.conversation.answer.album import SEVERAL, Album, album_of
from core.breeds.catalogue import NOT_A_DOG
from db.chat.chat_records import JobRecord, ModelVersionRecord, PredictionRecord
from db.unit import Unit
from inference.model.fusion import Fusion


async def read_album(unit: Unit, chat_id: int, media_group_id: str) -> Album:
    """All that is known of it now."""
    jobs = await unit.jobs.of_album(chat_id, media_group_id)
    predictions = await unit.predictions.by_jobs([job.id for job in jobs])
    newest = max((one for dogs in predictions.values() for one in dogs), key=lambda one: one.id, default=None)
    model = await unit.model_versions.get(newest.model_id) if newest is not None else None
    return album_of(jobs, predictions, fusion_of(model))


async def album_with(unit: Unit, job: JobRecord) -> Album | None:
    """The album that a photo is part of, or the dogs of one sent alone; None: that shows one dog, or none."""
    if job.media_group_id is not None:
        return await read_album(unit, job.chat_id, job.media_group_id)
    return dogs_of(job, await unit.predictions.dogs(job.id))


def dogs_of(job: JobRecord, dogs: Sequence[PredictionRecord]) -> Album | None:
    """The dogs of a photo that was sent alone; None: there is one, or none."""
    return album_of([job], {job.id: dogs}, fusion_of(None)) if len(dogs) >= SEVERAL else None


def fusion_of(model: ModelVersionRecord | None) -> Fusion:
    """How a model's answers are put together, as far as its manifest says it."""
    stated = model.manifest if model is not None else {}
    labels, calibration = stated.get("labels"), stated.get("calibration")
    threshold = calibration.get("unsure_below") if isinstance(calibration, dict) else None
    return Fusion(
        len(set(labels) - {NOT_A_DOG}) if isinstance(labels, list) else 0,
        float(threshold) if isinstance(threshold, int | float) else None,
    )
