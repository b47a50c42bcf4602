"""An album out of the database, as one person's answer or another's press needs it."""

from bot.conversation.answer.album import Album, album_of
from core.breeds.catalogue import NOT_A_DOG
from db.chat.chat_records import ModelVersionRecord, PredictionRecord
from db.unit import Unit
from inference.model.fusion import Fusion


async def read_album(unit: Unit, chat_id: int, media_group_id: str) -> Album:
    """All that is known of it now."""
    jobs = await unit.jobs.of_album(chat_id, media_group_id)
    predictions = await unit.predictions.by_jobs([job.id for job in jobs])
    newest = max(predictions.values(), key=lambda one: one.id, default=None)
    model = await unit.model_versions.get(newest.model_id) if newest is not None else None
    return album_of(jobs, predictions, fusion_of(model))


async def album_with(unit: Unit, prediction: PredictionRecord) -> Album | None:
    """The album that a photo is part of; None: it was sent alone."""
    job = await unit.jobs.get(prediction.job_id)
    if job is None or job.media_group_id is None:
        return None
    return await read_album(unit, job.chat_id, job.media_group_id)


def fusion_of(model: ModelVersionRecord | None) -> Fusion:
    """How a model's answers are put together, as far as its manifest says it."""
    stated = model.manifest if model is not None else {}
    labels, calibration = stated.get("labels"), stated.get("calibration")
    threshold = calibration.get("unsure_below") if isinstance(calibration, dict) else None
    return Fusion(
        len(set(labels) - {NOT_A_DOG}) if isinstance(labels, list) else 0,
        float(threshold) if isinstance(threshold, int | float) else None,
    )
