"""What the repositories hand out and take: frozen values, never rows that are tied to a connection."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple, Protocol


class JobStatus(StrEnum):
    """The way of a job: queued → predicted → answered, or queued → failed (told or not: see `answered_at`)."""

    QUEUED = "queued"
    PREDICTED = "predicted"
    ANSWERED = "answered"
    FAILED = "failed"


class PredictionKind(StrEnum):
    """What the classifier said; the same values as `inference.prediction.Kind`."""

    BREED = "breed"
    UNSURE = "unsure"
    NOT_A_DOG = "not_a_dog"


class Verdict(StrEnum):
    """What a person claims about an answer; the last claim counts."""

    CONFIRM = "confirm"
    CORRECT = "correct"
    NOT_A_DOG = "not_a_dog"
    DONT_KNOW = "dont_know"
    WITHDRAWN = "withdrawn"


class Decision(StrEnum):
    """What a reviewer made of a claim."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"


class BreedConfidence(Protocol):
    """Anything with a breed slug and its probability, such as `inference.prediction.BreedScore`."""

    @property
    def breed(self) -> str:
        """Breed slug."""
        ...

    @property
    def confidence(self) -> float:
        """Probability, 0–1."""
        ...


class ScoredBreed(NamedTuple):
    """One of the best breeds of a stored prediction."""

    breed: str
    confidence: float


@dataclass(frozen=True, slots=True)
class IncomingUpdate:
    """A raw update as Telegram sent it. `chat_id` is None where there is no chat (inline queries and the like)."""

    update_id: int
    chat_id: int | None
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InboxRecord:
    """A stored update. Once done, `payload` and `chat_id` are None: what people wrote is not kept."""

    update_id: int
    chat_id: int | None
    payload: dict[str, Any] | None
    received_at: datetime
    done_at: datetime | None
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A person. `language` was chosen by them, `language_code` is what Telegram says."""

    id: int
    language: str | None
    language_code: str | None
    awaiting_search_for: int | None
    created_at: datetime
    seen_at: datetime


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
    """One photo of one message that must be answered."""

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


@dataclass(frozen=True, slots=True)
class NewPrediction:
    """What the classifier said about a job. `features`: float16 [2048] as bytes, little-endian."""

    kind: str
    top: Sequence[BreedConfidence]
    not_a_dog: float
    model_id: str
    backbone_id: str
    features: bytes


@dataclass(frozen=True, slots=True)
class PredictionRecord:
    """A stored prediction. `token` names it in buttons; `user_id` alone may press them."""

    id: int
    job_id: int
    token: str
    user_id: int
    chat_id: int
    kind: PredictionKind
    top: tuple[ScoredBreed, ...]
    not_a_dog: float
    model_id: str
    backbone_id: str
    photo_sha256: str
    answer_message_id: int | None
    created_at: datetime
    features: bytes


@dataclass(frozen=True, slots=True)
class FeedbackRecord:
    """One claim of one person about one prediction. `breed` is set with the verdict `correct` only."""

    id: int
    prediction_id: int
    user_id: int
    verdict: Verdict
    breed: str | None
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


@dataclass(frozen=True, slots=True)
class AcceptedClaim:
    """A claim that counts and was accepted, beside the answer that it is about.

    Attributes:
        event_id: of the claim.
        claimed_breed: set with the verdict `correct` only.
        reviewed_breed: what the reviewer says it is, where that differs from the claim.
        kind, top: what had been answered, which the verdict `confirm` confirms.
    """

    event_id: int
    prediction_id: int
    user_id: int
    verdict: Verdict
    claimed_breed: str | None
    reviewed_breed: str | None
    kind: PredictionKind
    top: tuple[ScoredBreed, ...]
    photo_sha256: str
    created_at: datetime


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
