"""Rows that tests begin with."""

from stored import predict

from core.claim import Verdict
from core.prediction import BreedScore, Kind
from db.chat.chat_records import Consent, FeedbackRecord, JobRecord, NewPrediction, PredictionRecord
from db.chat.inbox import IncomingUpdate
from db.unit import Unit

ANNA, BEN = 1001, 1002
PHOTO, OTHER_PHOTO = "a" * 64, "b" * 64
TOP = (BreedScore("afghan_hound", 0.9), BreedScore("saluki", 0.05))


def update(update_id: int, chat_id: int | None = ANNA) -> IncomingUpdate:
    return IncomingUpdate(update_id, chat_id, {"update_id": update_id, "message": {"text": "Wuff \x00 🐕 é"}})


def prediction(
    kind: str = "breed", top: tuple[BreedScore, ...] = TOP, not_a_dog: float = 0.01, model_id: str = "head-1"
) -> NewPrediction:
    features = b"\x00\x3c" * 2048
    return NewPrediction(
        kind=Kind(kind), top=top, not_a_dog=not_a_dog, model_id=model_id, backbone_id="resnet50-1", features=features
    )


async def queued(
    unit: Unit,
    *,
    user_id: int = ANNA,
    photo: str = PHOTO,
    update_id: int | None = None,
    consent: Consent | None = Consent.YES,
) -> JobRecord:
    """A photo of somebody who consents, unless said otherwise; None: what they had said before counts."""
    await unit.users.seen(user_id, "en")
    if consent is not None:
        await unit.consents.set(user_id, consent)
    await unit.photos.add(photo, size_bytes=1000, mime="image/jpeg", width=800, height=600)
    return await unit.jobs.add(photo_sha256=photo, user_id=user_id, chat_id=user_id, message_id=7, update_id=update_id)


async def predicted(
    unit: Unit,
    *,
    user_id: int = ANNA,
    photo: str = PHOTO,
    answer: NewPrediction | None = None,
    consent: Consent | None = Consent.YES,
) -> PredictionRecord:
    job = await queued(unit, user_id=user_id, photo=photo, consent=consent)
    return await predict(unit, job.id, answer or prediction())


async def claimed(
    unit: Unit,
    verdict: Verdict = Verdict.CORRECT,
    *,
    breed: str | None = None,
    user_id: int = ANNA,
    photo: str = PHOTO,
    answer: NewPrediction | None = None,
) -> FeedbackRecord:
    """A claim about an answer of its own; a correction is to the saluki, unless said otherwise."""
    about = await predicted(unit, user_id=user_id, photo=photo, answer=answer)
    return await said(unit, about.id, verdict, breed=breed, user_id=user_id)


async def said(
    unit: Unit, prediction_id: int, verdict: Verdict, *, breed: str | None = None, user_id: int = ANNA
) -> FeedbackRecord:
    """What somebody says about that answer."""
    breed = breed or ("saluki" if verdict is Verdict.CORRECT else None)
    suggestion = "Thai Bangkaew" if verdict is Verdict.OTHER else None
    return await unit.feedback.append(
        prediction_id=prediction_id, user_id=user_id, verdict=verdict, breed=breed, suggestion=suggestion
    )
