"""Claims beside the answers that they are about and what was decided: pages for people and files, never for deciding.

Claims that their person has replaced or withdrawn, ones that say nothing ("don't know") unless a reviewer did, and ones
about photos that may not be kept, are left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import and_, literal, or_, select
from sqlalchemy.sql.elements import ColumnElement
from sqlalchemy.sql.selectable import Select

from core.claim import Decision, Verdict, answered_breed, claimed_label, taught_breed
from core.prediction import BreedScore, Kind
from db.chat.chat_records import ERASED, Consent
from db.repository import Repository
from db.tables import feedback_events, predictions, review_queue, reviews, users


class ClaimStatus(StrEnum):
    """Where a claim is on its way."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True)
class ClaimRecord:
    """A claim that counts.

    Attributes:
        claimed_breed: set with the verdict `correct` only; `suggestion` with `other` only.
        kind, top, not_a_dog, model_id: what had been answered.
        created_at: of the claim.
        dog, box: which dog of the photo; see `NewPrediction`.
        decision: the last one, or None; `reopened` is as good as none. The four after it belong to it.
        reviewed_breed: what the reviewer said it is, where that differs from the claim.
    """

    event_id: int
    prediction_id: int
    user_id: int
    verdict: Verdict
    claimed_breed: str | None
    suggestion: str | None
    created_at: datetime
    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float
    model_id: str
    photo_sha256: str
    decision: Decision | None
    reviewed_breed: str | None
    reviewer: str | None
    reason: str | None
    reviewed_at: datetime | None
    dog: int = 0
    box: Sequence[float] | None = None

    @property
    def status(self) -> ClaimStatus:
        """Where it is on its way."""
        if self.decision is None or self.decision is Decision.REOPENED:
            return ClaimStatus.WAITING
        return ClaimStatus(self.decision)

    @property
    def answered(self) -> str | None:
        """What had been answered: a slug or `not_a_dog`."""
        return answered_breed(self.kind, self.top)

    @property
    def claimed(self) -> str | None:
        """What the person says it is: a slug or `not_a_dog`; None where they named nothing that the catalogue has."""
        return claimed_label(self.verdict, self.claimed_breed, self.kind, self.top)

    @property
    def taught(self) -> str | None:
        """What a model learns from it; None unless it is accepted."""
        if self.status is not ClaimStatus.ACCEPTED:
            return None
        return taught_breed(self.verdict, self.claimed_breed, self.reviewed_breed, self.kind, self.top)


_LATER, _NEWER, _ABOUT = feedback_events.alias(), reviews.alias(), predictions.alias()
LAST_WORD = (
    ~select(_LATER.c.id)
    .where(
        _LATER.c.prediction_id == feedback_events.c.prediction_id,
        _LATER.c.user_id == feedback_events.c.user_id,
        _LATER.c.id > feedback_events.c.id,
    )
    .exists()
)
_COUNTS = and_(
    feedback_events.c.verdict != Verdict.WITHDRAWN,
    select(_ABOUT.c.id)
    .join(users, users.c.id == _ABOUT.c.user_id)
    .where(_ABOUT.c.id == feedback_events.c.prediction_id, _ABOUT.c.photo_sha256 != ERASED)
    .where(users.c.consent == Consent.YES)
    .exists(),
    LAST_WORD,
)
STANDS = (
    ~select(_NEWER.c.id)
    .where(_NEWER.c.feedback_event_id == reviews.c.feedback_event_id, _NEWER.c.id > reviews.c.id)
    .exists()
)


class Claims(Repository):
    """Pages of claims; each is read by an index, however many there are."""

    async def waiting(self, limit: int) -> Sequence[ClaimRecord]:
        """What waits for a review, most informative first; what was skipped for a while, too."""
        c = review_queue.c
        page = select(c.feedback_event_id.label("event_id"), c.rank.label("place"))
        return await self._claims(page.order_by(c.rank, c.feedback_event_id).limit(limit))

    async def decided(self, status: ClaimStatus, limit: int) -> Sequence[ClaimRecord]:
        """What was accepted, or rejected; the last decision first."""
        page = (
            select(feedback_events.c.id.label("event_id"), (-reviews.c.id).label("place"))
            .select_from(reviews)
            .join(feedback_events, feedback_events.c.id == reviews.c.feedback_event_id)
            .where(reviews.c.decision == Decision(status), STANDS, _COUNTS)
        )
        return await self._claims(page.order_by(reviews.c.id.desc()).limit(limit))

    async def page(self, *, after_id: int = 0, limit: int = 1000) -> Sequence[ClaimRecord]:
        """All of them, oldest first. The next page begins after the last one's `event_id`; an empty one is the end."""
        said_something = or_(feedback_events.c.verdict != Verdict.DONT_KNOW, _decided())
        page = (
            select(feedback_events.c.id.label("event_id"), literal(0).label("place"))
            .where(feedback_events.c.id > after_id, _COUNTS, said_something)
            .order_by(feedback_events.c.id)
            .limit(limit)
        )
        return await self._claims(page)

    async def _claims(self, page: Select[tuple[int, int]]) -> Sequence[ClaimRecord]:
        chosen = page.subquery()
        claim, answer, review = feedback_events.c, predictions.c, reviews.c
        whole = (
            select(
                claim.id.label("event_id"), claim.prediction_id, claim.user_id, claim.verdict,
                claim.breed.label("claimed_breed"), claim.suggestion, claim.created_at,
                answer.kind, answer.top, answer.not_a_dog, answer.model_id, answer.photo_sha256,
                review.decision, review.breed.label("reviewed_breed"), review.reviewer, review.reason,
                review.created_at.label("reviewed_at"), answer.dog, answer.box,
            )
            .select_from(chosen)
            .join(feedback_events, claim.id == chosen.c.event_id)
            .join(predictions, answer.id == claim.prediction_id)
            .outerjoin(reviews, and_(review.feedback_event_id == claim.id, STANDS))
        )  # fmt: skip
        return await self._all(ClaimRecord, whole.order_by(chosen.c.place, chosen.c.event_id))


def _decided() -> ColumnElement[bool]:
    last = reviews.alias()
    return select(last.c.id).where(last.c.feedback_event_id == feedback_events.c.id).exists()
