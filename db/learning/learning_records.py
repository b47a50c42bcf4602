"""What the repositories of the learning loop hand out and take: frozen values, like those of `chat_records.py`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from core.claim import Verdict
from core.prediction import BreedScore, Kind


class RetrainTrigger(StrEnum):
    """Why a retrain began."""

    SCHEDULE = "schedule"
    CORRECTIONS = "corrections"
    COMMAND = "command"
    FORGOTTEN = "forgotten"
    """People who taught the champion were forgotten since."""


class RetrainStatus(StrEnum):
    """The way of a retrain: running → any other; shadow → promoted, rejected or failed; promoted → rolled_back."""

    RUNNING = "running"
    NOTHING_NEW = "nothing_new"
    REJECTED = "rejected"
    FAILED = "failed"
    SHADOW = "shadow"
    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"


@dataclass(frozen=True, slots=True)
class ReviewItem:
    """A claim that waits for a decision, beside the answer that it is about.

    Attributes:
        claimed_breed: set with the verdict `correct` only; `suggestion` with `other` only.
        priority: how much a decision would tell; see `review_priority.py`.
        kind, top, not_a_dog, model_id: what had been answered.
        created_at: of the claim.
        dog, box: which dog of the photo, see `NewPrediction`; `dogs`: how many of it have an answer.
    """

    event_id: int
    prediction_id: int
    user_id: int
    verdict: Verdict
    claimed_breed: str | None
    suggestion: str | None
    priority: float
    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float
    model_id: str
    photo_sha256: str
    created_at: datetime
    dog: int = 0
    box: Sequence[float] | None = None
    dogs: int = 1


@dataclass(frozen=True, slots=True)
class ReviewCounts:
    """How a person's claims fared, by their last decisions: people's (`accepted`, `rejected`) and the trust policy's.

    A claim that people put right counts as `rejected`, a "don't know" not at all. Claims that were replaced or
    withdrawn afterwards are in, so that taking back what was rejected cleans no record.
    `set_aside`: claims without which a model was better, by the gate.
    """

    user_id: int
    accepted: int = 0
    rejected: int = 0
    policy_accepted: int = 0
    policy_rejected: int = 0
    set_aside: int = 0


@dataclass(frozen=True, slots=True)
class AcceptedTally:
    """How many claims of one person for one breed (None: no label) a reviewer accepted about (the dogs of) a photo.

    `corrections`: how many of them are no ✅.
    """

    user_id: int
    breed: str | None
    accepted: int
    photo_sha256: str = ""
    corrections: int = 0


@dataclass(frozen=True, slots=True)
class RetrainRecord:
    """One run of `breedbot retrain`. `verdict`: what the gate measured and said; `host`, `pid`: where it runs."""

    id: int
    started_at: datetime
    finished_at: datetime | None
    trigger: RetrainTrigger
    status: RetrainStatus
    champion_id: str
    model_id: str | None
    evidence_count: int | None
    verdict: dict[str, Any] | None
    error: str | None
    host: str
    pid: int


@dataclass(frozen=True, slots=True)
class EvidenceRecord:
    """A claim that a model was made of. `breed`: what it taught (`not_a_dog` too); `reviewer`: who had accepted it."""

    event_id: int
    user_id: int
    photo_sha256: str
    verdict: Verdict
    breed: str | None
    reviewer: str | None


@dataclass(frozen=True, slots=True)
class NewShadowScore:
    """What a shadow model would have answered; `breed` None: no dog."""

    prediction_id: int
    model_id: str
    breed: str | None
    confidence: float


@dataclass(frozen=True, slots=True)
class ShadowAgreement:
    """How a shadow model compares with the answers that were given; all are numbers of photos.

    `judged`: those with an accepted claim; of them `candidate_right` and `champion_right` had its label.
    """

    photos: int
    same_answer: int
    judged: int
    candidate_right: int
    champion_right: int


@dataclass(frozen=True, slots=True)
class ConsoleSession:
    """A moderator who is logged in to the console. Hashes are SHA-256 in hex; the tokens themselves are not stored."""

    token_hash: str
    moderator_id: int
    csrf_hash: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ThanksRecord:
    """Somebody whose corrections are part of a model.

    Attributes:
        events: how many of them no earlier thanks spoke of.
        next_try_at: when it is said; `tries`: that failed; `error`: why the last one did.
    """

    user_id: int
    model_id: str
    events: int
    sent_at: datetime | None
    error: str | None = None
    next_try_at: datetime | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class ClaimNotice:
    """What became of a claim is to be told.

    Attributes:
        feedback_event_id: the claim.
        told_at: when its person was told that it was rejected, or overruled.
        next_try_at: when it is said; `tries`: that failed; `error`: why the last one did.
    """

    feedback_event_id: int
    told_at: datetime | None
    error: str | None
    next_try_at: datetime | None
    tries: int


@dataclass(frozen=True, slots=True)
class CommunityStats:
    """What the community taught.

    Attributes:
        accepted: claims that count and were accepted, ✅ included.
        corrections: of them, those that say something else than the answer.
        people: whose claims these are.
        breeds: accepted claims by label (`not_a_dog` too), most first.
        waiting: claims in the review queue, at most 10,000.
        models: promoted ones that were made of claims.
    """

    accepted: int
    corrections: int
    people: int
    breeds: Sequence[tuple[str, int]]
    waiting: int
    models: int
