"""What the repositories hand out and take: frozen values, never rows that are tied to a connection."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.claim import Decision, Verdict
from core.prediction import BreedScore, Kind

ERASED = "0" * 64
"""Stands where the SHA-256 of a photo was whose bytes and features were erased; no photo has it."""


class JobStatus(StrEnum):
    """The way of a job: queued → predicted → answered, or queued → failed (told or not: see `answered_at`)."""

    QUEUED = "queued"
    PREDICTED = "predicted"
    ANSWERED = "answered"
    FAILED = "failed"


class PhotoForm(StrEnum):
    """What a photo came as."""

    PHOTO = "photo"
    FILE = "file"
    CUT_FILE = "cut file"  # as older versions noted that only a part of its picture is there
    STICKER = "sticker"
    ANIMATION = "animation"
    VIDEO = "video"


class Consent(StrEnum):
    """Whether somebody's photos may be kept to learn from. None instead: they were not asked, or are silent."""

    YES = "yes"
    NO = "no"


@dataclass(frozen=True, slots=True)
class OutboxRecord:
    """An answer that is to be said: of one photo, or of the album that this photo is part of.

    Attributes:
        next_try_at: when it is due; None: asleep behind another of its chat.
        tries: that failed; `error`: why the last one did.
    """

    id: int
    chat_id: int
    user_id: int
    job_id: int
    media_group_id: str | None
    created_at: datetime
    error: str | None
    next_try_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A person. `language` was chosen by them, `language_code` is what Telegram says.

    Attributes:
        awaiting_search_for: the prediction for which their next text names a breed.
        reviewing: the claim for which it does, if they are a moderator; never both.
        consent: to their photos being kept; `consent_at`: since when they say so.
        notified_at: when they were told for the first time what is kept.
    """

    id: int
    language: str | None
    language_code: str | None
    awaiting_search_for: int | None
    created_at: datetime
    seen_at: datetime
    wants_thanks: bool
    banned_at: datetime | None
    reviewing: int | None
    consent: Consent | None = None
    consent_at: datetime | None = None
    notified_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Holdings:
    """How much is stored of a person."""

    photos: int
    answers: int
    claims: int

    @property
    def text(self) -> str:
        """For an operator."""
        return f"{self.photos} photos, {self.answers} answers and {self.claims} things said about them"


@dataclass(frozen=True, slots=True)
class PhotoRecord:
    """What is known of a photo whose bytes are in the photo store."""

    sha256: str
    size_bytes: int
    mime: str
    width: int
    height: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class JobRecord:
    """One photo of one message that must be answered.

    Attributes:
        media_group_id: of the album that it is part of.
        caption_hint: what its sender wrote beside it, at most 100 characters.
        frame: which one of a moving picture, from 0.
        erase_at: when its bytes and features go; None: not before the retention time, or they are gone.
        album_dog: with the photos of its album, or the frames of its video, that have the same number it shows one dog.
        submitted_at: when it was handed to the queue; None: it was not, or another process's queue had it.
        thread_id: the topic of a forum in which it was sent.
        next_try_at: when it is to be submitted (again), while it is queued.
        tries: how often that failed; `error`: why the last time.
        remarks: what is wrong with the photo, in words of `core.prediction.Remark`; None: nothing, as far as is known.
        guest_query_id: of a photo that was asked about in a chat that the bot is not in, by which it is answered there;
            `chat_id` is then the private chat of who asked, and `message_id` is 0.
        inline_message_id: of that answer, or of the word that it comes; None: it is not there (yet).
    """

    id: int
    photo_sha256: str
    user_id: int
    chat_id: int
    message_id: int
    update_id: int | None
    status: JobStatus
    failure: str | None
    progress_message_id: int | None
    answer_message_id: int | None
    attempts: int
    created_at: datetime
    predicted_at: datetime | None
    answered_at: datetime | None
    media_group_id: str | None = None
    caption_hint: str | None = None
    form: PhotoForm = PhotoForm.PHOTO
    frame: int | None = None
    erase_at: datetime | None = None
    album_dog: int | None = None
    submitted_at: datetime | None = None
    thread_id: int | None = None
    error: str | None = None
    next_try_at: datetime | None = None
    tries: int = 0
    remarks: Sequence[str] | None = None
    guest_query_id: str | None = None
    inline_message_id: str | None = None


@dataclass(frozen=True, slots=True)
class NewPrediction:
    """What the classifier said about one dog of a photo.

    Attributes:
        features: float16 [D] as bytes, little-endian.
        dog: its number in the photo, from 0; a photo without one has one answer, too.
        box: x, y, width, height of it in fractions of the upright photo; None: all of the photo.
    """

    kind: Kind
    top: Sequence[BreedScore]
    not_a_dog: float
    model_id: str
    backbone_id: str
    features: bytes
    dog: int = 0
    box: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class PredictionRecord:
    """A stored `NewPrediction`. `token` names it in buttons; `user_id` alone may press them."""

    id: int
    job_id: int
    token: str
    user_id: int
    chat_id: int
    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float
    model_id: str
    backbone_id: str
    photo_sha256: str
    answer_message_id: int | None
    created_at: datetime
    features: bytes
    dog: int = 0
    box: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class FeedbackRecord:
    """One claim of one person about one prediction. `breed` is set with `correct`, `suggestion` with `other` only."""

    id: int
    prediction_id: int
    user_id: int
    verdict: Verdict
    breed: str | None
    suggestion: str | None
    created_at: datetime


@dataclass(frozen=True, slots=True)
class ReviewRecord:
    """A decision about a claim. `breed` is what the reviewer says it is, where that differs from the claim."""

    id: int
    feedback_event_id: int
    decision: Decision
    breed: str | None
    reviewer: str
    reason: str | None
    created_at: datetime

    def put_right(self, claimed: str | None) -> bool:
        """Whether it accepts another label than the one that is claimed: that was wrong. Who names none is not."""
        return self.decision is Decision.ACCEPTED and claimed is not None and self.breed not in {None, claimed}


@dataclass(frozen=True, slots=True)
class ClaimedDog:
    """Which photo, and where in it the dog is; see `NewPrediction`."""

    photo_sha256: str
    box: Sequence[float] | None


@dataclass(frozen=True, slots=True)
class AcceptedClaim:
    """A claim that counts and was accepted, beside the answer that it is about.

    Attributes:
        event_id: of the claim.
        claimed_breed: set with the verdict `correct` only.
        reviewed_breed: what the reviewer says it is, where that differs from the claim.
        kind, top: what had been answered, which the verdict `confirm` confirms.
        dog: which of the dogs in the photo.
        reviewer: who accepted it: "moderator:<id>", "policy" or "cli".
        features: float16 [D] as bytes, little-endian, of the backbone `backbone_id`.
        restored: it had been set aside, and somebody accepted it all the same.
        box: where that is; see `NewPrediction`.
    """

    event_id: int
    prediction_id: int
    user_id: int
    verdict: Verdict
    claimed_breed: str | None
    reviewed_breed: str | None
    kind: Kind
    top: tuple[BreedScore, ...]
    photo_sha256: str
    dog: int
    created_at: datetime
    reviewer: str
    backbone_id: str
    features: bytes
    restored: bool
    box: Sequence[float] | None = None


@dataclass(frozen=True, slots=True)
class ModelVersionRecord:
    """A head in the registry. `promoted_at` without `retired_at`: the champion."""

    model_id: str
    backbone_id: str
    created_at: datetime
    promoted_at: datetime | None
    retired_at: datetime | None
    manifest: dict[str, Any]
    note: str | None
