"""What several dogs amount to: the photos of an album numbered, those of one dog together, and the dogs of each photo.

A photo that shows several dogs has an answer for each, and none of them is taken for a dog of another photo. The frames
of a video are one photo here: what most of them agree on. All is worked out from stored rows; which photos
showed one dog was stored with the first answer, so it stays as it was when the features are gone.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from string import ascii_lowercase
from typing import Final

from core.breeds.catalogue import NOT_A_DOG
from core.prediction import BreedScore, Kind
from db.chat.chat_records import JobRecord, JobStatus, ModelVersionRecord, PredictionRecord
from db.unit import Unit
from inference.model.fusion import Fusion

SEVERAL: Final = 2  # dogs in a photo, from which on each has an answer of its own


@dataclass(frozen=True, slots=True)
class Shot:
    """One photo, one video, or one of several dogs in a photo.

    Attributes:
        number: the photo's place, from 1.
        message_id: where it was sent.
        jobs: one, or one for each frame.
        answer: what is answered for it by itself, under the token of the frame that speaks for it; None: see `failure`.
        failure: why there is no answer.
        speaking: the jobs that `answer` rests on.
        dog: with the shots that have the same number it shows one dog; None: no dog is seen, or several are.
        place: which one of several dogs in its photo, from 0; None: the photo has one answer.
    """

    number: int
    message_id: int
    jobs: tuple[JobRecord, ...]
    answer: PredictionRecord | None = None
    failure: str | None = None
    speaking: tuple[JobRecord, ...] = ()
    dog: int | None = None
    place: int | None = None

    @property
    def hint(self) -> str | None:
        """The breed that was named beside it."""
        return next((job.caption_hint for job in self.jobs if job.caption_hint), None)

    @property
    def remarks(self) -> Sequence[str] | None:
        """What is wrong with the photo; of a video nothing is said."""
        return self.jobs[0].remarks if len(self.jobs) == 1 else None


@dataclass(frozen=True, slots=True)
class Album:
    """Attributes: the shots in order; and for each dog what its shots say together, under the token of the surest."""

    shots: tuple[Shot, ...]
    dogs: Mapping[int, PredictionRecord]

    @property
    def photos(self) -> int:
        """How many photos and videos there are."""
        return self.shots[-1].number

    @property
    def jobs(self) -> tuple[JobRecord, ...]:
        """Of all photos, each once."""
        return tuple(job for shot in self.shots if not shot.place for job in shot.jobs)

    @property
    def settled(self) -> bool:
        """Whether every photo has its result."""
        return not any(job.status is JobStatus.QUEUED for shot in self.shots for job in shot.jobs)

    @property
    def answered(self) -> tuple[Shot, ...]:
        """Those that were not refused."""
        return tuple(shot for shot in self.shots if shot.answer is not None)

    @property
    def hint(self) -> str | None:
        """The one breed that was named beside the album; None: none was, or several."""
        named = {shot.hint for shot in self.shots} - {None}
        return named.pop() if len(named) == 1 else None

    def label(self, shot: Shot) -> str:
        """What it is called: 2 is the second photo, 2b the second dog in it; of a photo sent alone, 2 is that dog."""
        if shot.place is None:
            return str(shot.number)
        return str(shot.place + 1) if self.photos == 1 else f"{shot.number}{ascii_lowercase[shot.place]}"

    def beside(self, shot: Shot) -> list[Shot]:
        """The dogs in the same photo, itself too."""
        return [one for one in self.shots if one.number == shot.number]

    def of(self, dog: int) -> list[Shot]:
        """The shots of a dog."""
        return [shot for shot in self.shots if shot.dog == dog]

    def shot_of(self, token: str) -> Shot | None:
        """The one with that prediction; None: it is a frame that does not speak for its video, or of another album."""
        return next((shot for shot in self.answered if shot.answer is not None and shot.answer.token == token), None)


async def read_album(unit: Unit, chat_id: int, media_group_id: str) -> Album:
    """All that is known of it now."""
    jobs = await unit.jobs.of_album(chat_id, media_group_id)
    predictions = await unit.predictions.by_jobs([job.id for job in jobs])
    newest = max((one for dogs in predictions.values() for one in dogs), key=lambda one: one.id, default=None)
    model = await unit.model_versions.get(newest.model_id) if newest is not None else None
    return album_of(jobs, predictions, fusion_of(model))


def dogs_of(job: JobRecord, dogs: Sequence[PredictionRecord]) -> Album:
    """The several dogs of a photo that was sent alone."""
    return album_of([job], {job.id: dogs}, fusion_of(None))


def fusion_of(model: ModelVersionRecord | None) -> Fusion:
    """How a model's answers are put together, as far as its manifest says it."""
    stated = model.manifest if model is not None else {}
    labels, calibration = stated.get("labels"), stated.get("calibration")
    threshold = calibration.get("unsure_below") if isinstance(calibration, dict) else None
    return Fusion(
        len(set(labels) - {NOT_A_DOG}) if isinstance(labels, list) else 0,
        float(threshold) if isinstance(threshold, int | float) else None,
    )


def album_of(jobs: Sequence[JobRecord], predictions: Mapping[int, Sequence[PredictionRecord]], fusion: Fusion) -> Album:
    """Sort out.

    Args:
        jobs: of the album, in the order of their messages, then frames; or one, of a photo that was sent alone.
        predictions: one a dog, by job id, as far as there are any.
        fusion: as the head that answered has it.
    """
    grouped = enumerate(groupby(jobs, key=lambda job: job.message_id), start=1)
    shots = [shot for number, (_, theirs) in grouped for shot in _shots(number, tuple(theirs), predictions, fusion)]
    numbered = _known_dogs(shots) if _is_known(shots) else _new_dogs(shots, fusion)
    return Album(tuple(numbered), _together(numbered, fusion))


def _shots(
    number: int,
    jobs: tuple[JobRecord, ...],
    predictions: Mapping[int, Sequence[PredictionRecord]],
    fusion: Fusion,
) -> list[Shot]:
    """One a dog; of a video's frames only the largest dog of each counts."""
    dogs = predictions.get(jobs[0].id, ()) if len(jobs) == 1 else ()
    if len(dogs) < SEVERAL:
        return [_shot(number, jobs, {job: of[0] for job, of in predictions.items()}, fusion)]
    return [Shot(number, jobs[0].message_id, jobs, one, None, jobs, None, place) for place, one in enumerate(dogs)]


def _shot(
    number: int,
    jobs: tuple[JobRecord, ...],
    predictions: Mapping[int, PredictionRecord],
    fusion: Fusion,
) -> Shot:
    seen = [job for job in jobs if job.id in predictions]
    if not seen:
        return Shot(number, jobs[0].message_id, jobs, failure=next((job.failure for job in jobs if job.failure), None))
    speaking = _speaking(seen, predictions, fusion)
    answers = [predictions[job.id] for job in speaking]
    return Shot(number, jobs[0].message_id, jobs, _fused(answers, fusion), speaking=tuple(speaking))


def _speaking(jobs: list[JobRecord], predictions: Mapping[int, PredictionRecord], fusion: Fusion) -> list[JobRecord]:
    """The frames that show the dog of a video; of one without a dog that which says so most clearly."""
    if chosen := [job for job in jobs if job.album_dog is not None]:
        return chosen
    answers = [predictions[job.id] for job in jobs]
    found = fusion.dogs(answers)
    if not found:
        return [max(jobs, key=lambda job: predictions[job.id].not_a_dog)]
    most = max(found, key=lambda places: (len(places), max(answers[place].top[0].confidence for place in places)))
    return [jobs[place] for place in most]


def _fused(answers: Sequence[PredictionRecord], fusion: Fusion) -> PredictionRecord:
    """The one that speaks for all, saying what they say together; ✅ on it confirms the breed that it names itself."""
    if len(answers) == 1:
        return answers[0]
    together = fusion.fuse(answers)
    top = tuple(BreedScore(*score) for score in together.top)
    kind = Kind(together.kind)
    return replace(answers[fusion.lead(answers)], kind=kind, top=top, not_a_dog=together.not_a_dog)


def _is_known(shots: Sequence[Shot]) -> bool:
    """Whether all this was answered before; a photo that came late is sorted in with the others anew."""
    return all(job.answered_at is not None for shot in shots for job in shot.speaking)


def _known_dogs(shots: Sequence[Shot]) -> list[Shot]:
    return [replace(shot, dog=shot.speaking[0].album_dog if shot.speaking else None) for shot in shots]


def _new_dogs(shots: Sequence[Shot], fusion: Fusion) -> list[Shot]:
    answered = [shot for shot in shots if shot.answer is not None and shot.place is None]
    found = fusion.dogs([shot.answer for shot in answered if shot.answer is not None])
    dog_of = {answered[place].number: dog for dog, places in enumerate(found) for place in places}
    return [shot if shot.place is not None else replace(shot, dog=dog_of.get(shot.number)) for shot in shots]


def _together(shots: Sequence[Shot], fusion: Fusion) -> dict[int, PredictionRecord]:
    answers: dict[int, list[PredictionRecord]] = defaultdict(list)
    for shot in shots:
        if shot.dog is not None and shot.answer is not None and shot.answer.kind is not Kind.NOT_A_DOG:
            answers[shot.dog].append(shot.answer)
    return {dog: _fused(theirs, fusion) for dog, theirs in answers.items()}
