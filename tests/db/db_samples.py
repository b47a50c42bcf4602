"""Rows that tests begin with."""

from db.records import IncomingUpdate, JobRecord, NewPrediction, PredictionRecord, ScoredBreed
from db.unit import Unit

ANNA, BEN = 1001, 1002
PHOTO, OTHER_PHOTO = "a" * 64, "b" * 64
TOP = (ScoredBreed("afghan_hound", 0.9), ScoredBreed("saluki", 0.05))


def update(update_id: int, chat_id: int | None = ANNA) -> IncomingUpdate:
    return IncomingUpdate(update_id, chat_id, {"update_id": update_id, "message": {"text": "Wuff \x00 🐕 é"}})


def prediction(kind: str = "breed") -> NewPrediction:
    return NewPrediction(
        kind=kind, top=TOP, not_a_dog=0.01, model_id="head-1", backbone_id="resnet50-1", features=b"\x00\x3c" * 2048
    )


async def queued(unit: Unit, *, user_id: int = ANNA, photo: str = PHOTO, update_id: int | None = None) -> JobRecord:
    await unit.users.seen(user_id, "en")
    await unit.photos.add(photo, size_bytes=1000, mime="image/jpeg", width=800, height=600)
    return await unit.jobs.add(photo_sha256=photo, user_id=user_id, chat_id=user_id, message_id=7, update_id=update_id)


async def predicted(unit: Unit, *, user_id: int = ANNA, photo: str = PHOTO) -> PredictionRecord:
    job = await queued(unit, user_id=user_id, photo=photo)
    return await unit.predictions.add(job.id, prediction())
