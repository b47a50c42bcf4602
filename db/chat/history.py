"""What a person was answered, with what they said of it last."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from core.claim import Decision, Verdict
from core.prediction import BreedScore, Kind
from db.learning.claim_status import KEPT
from db.repository import Repository
from db.tables import feedback_events, predictions, review_queue, reviews, users

_BESIDE = predictions.alias()


@dataclass(frozen=True, slots=True)
class PastAnswer:
    """An answer.

    Attributes:
        verdict, breed, suggestion: the person's newest claim about it, None where there is none.
        waits: whether that waits for a decision.
        kept: whether the photo is there, and may be learned from.
        decision, reviewer, reviewed_breed: what was decided last about it.
        decided_at: when.
        dog: which one of its photo, from 0; `dogs`: how many of that have an answer.
        chat_id, answer_message_id: where the answer stands; no message: it was never noted.
    """

    token: str
    kind: Kind
    top: tuple[BreedScore, ...]
    not_a_dog: float
    created_at: datetime
    verdict: Verdict | None
    breed: str | None
    suggestion: str | None
    waits: bool = False
    kept: bool = True
    decision: Decision | None = None
    reviewer: str | None = None
    reviewed_breed: str | None = None
    decided_at: datetime | None = None
    dog: int = 0
    dogs: int = 1
    chat_id: int = 0
    answer_message_id: int | None = None


class History(Repository):
    """Answers by person."""

    async def count(self, user_id: int) -> int:
        """How many answers this person got, as far as they are stored."""
        mine = select(func.count()).select_from(predictions).where(predictions.c.user_id == user_id)
        return int(await self._value(mine))

    async def page(self, user_id: int, *, limit: int, offset: int = 0) -> list[PastAnswer]:
        """Newest first, the dogs of a photo in their order."""
        mine = (
            select(predictions.c.id)
            .where(predictions.c.user_id == user_id)
            .order_by(predictions.c.id.desc())
            .limit(limit)
            .offset(offset)
            .subquery()
        )
        newest = (
            select(func.max(feedback_events.c.id))
            .where(feedback_events.c.prediction_id == predictions.c.id, feedback_events.c.user_id == user_id)
            .correlate(predictions)
            .scalar_subquery()
        )
        shown = (
            predictions.c.token,
            predictions.c.kind,
            predictions.c.top,
            predictions.c.not_a_dog,
            predictions.c.created_at,
            feedback_events.c.verdict,
            feedback_events.c.breed,
            feedback_events.c.suggestion,
            review_queue.c.feedback_event_id.is_not(None).label("waits"),
            KEPT.label("kept"),
            reviews.c.decision,
            reviews.c.reviewer,
            reviews.c.breed.label("reviewed_breed"),
            reviews.c.created_at.label("decided_at"),
            predictions.c.chat_id,
            predictions.c.answer_message_id,
            predictions.c.dog,
            select(func.count())
            .where(_BESIDE.c.job_id == predictions.c.job_id)
            .correlate(predictions)
            .scalar_subquery()
            .label("dogs"),
        )
        last = (
            select(func.max(reviews.c.id))
            .where(reviews.c.feedback_event_id == feedback_events.c.id)
            .correlate(feedback_events)
            .scalar_subquery()
        )
        whole = (
            select(*shown)
            .select_from(mine)
            .join(predictions, predictions.c.id == mine.c.id)
            .join(users, users.c.id == predictions.c.user_id)
            .outerjoin(feedback_events, and_(feedback_events.c.id == newest))
            .outerjoin(review_queue, review_queue.c.feedback_event_id == feedback_events.c.id)
            .outerjoin(reviews, reviews.c.id == last)
            .order_by(predictions.c.job_id.desc(), predictions.c.dog)
        )
        return await self._all(PastAnswer, whole)
