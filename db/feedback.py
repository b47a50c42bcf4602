"""What people claim about answers: events that are only ever added. A claim is not the truth; a review decides."""

from collections.abc import Sequence

from sqlalchemy import func, select

from db.errors import RowMissing
from db.records import AcceptedClaim, Decision, FeedbackRecord, Verdict
from db.repository import Repository
from db.tables import feedback_events, predictions, reviews

_ACCEPTED = (
    feedback_events.c.id.label("event_id"),
    feedback_events.c.prediction_id,
    feedback_events.c.user_id,
    feedback_events.c.verdict,
    feedback_events.c.breed.label("claimed_breed"),
    reviews.c.breed.label("reviewed_breed"),
    predictions.c.kind,
    predictions.c.top,
    predictions.c.photo_sha256,
    feedback_events.c.created_at,
)


class Feedback(Repository):
    """Claims by prediction, in the order they were made."""

    async def append(
        self, *, prediction_id: int, user_id: int, verdict: Verdict, breed: str | None = None
    ) -> FeedbackRecord:
        """Add a claim; saying the same twice in a row is saying it once, and returns what is there.

        Raises ValueError unless a breed is named with the verdict `correct`, and only then;
        RowMissing if the prediction is gone.
        """
        verdict = Verdict(verdict)
        if (breed is not None) != (verdict is Verdict.CORRECT):
            raise ValueError(
                f"verdict {verdict} with breed {breed!r}: a breed belongs to {Verdict.CORRECT}, and only to it"
            )
        await self._lock(prediction_id)
        last = await self.latest(prediction_id, user_id=user_id)
        if last is not None and (last.verdict, last.breed) == (verdict, breed):
            return last
        claim = self._insert(feedback_events).values(
            prediction_id=prediction_id, user_id=user_id, verdict=verdict, breed=breed, created_at=self._now()
        )
        return await self._one(FeedbackRecord, claim.returning(feedback_events))

    async def get(self, event_id: int) -> FeedbackRecord | None:
        """One claim, or None."""
        return await self._first(FeedbackRecord, select(feedback_events).where(feedback_events.c.id == event_id))

    async def latest(self, prediction_id: int, *, user_id: int | None = None) -> FeedbackRecord | None:
        """What was said last about a prediction, by anybody or by one person; None: nothing yet."""
        newest = select(feedback_events).where(feedback_events.c.prediction_id == prediction_id)
        if user_id is not None:
            newest = newest.where(feedback_events.c.user_id == user_id)
        return await self._first(FeedbackRecord, newest.order_by(feedback_events.c.id.desc()).limit(1))

    async def count(self) -> int:
        """How many claims there are."""
        return int(await self._value(select(func.count()).select_from(feedback_events)))

    async def accepted(self, *, limit: int = 1000, after_id: int = 0) -> Sequence[AcceptedClaim]:
        """What each person said last about each answer, where the last review of that accepts it; oldest first.

        A claim that was replaced or withdrawn is gone, whatever had been decided about it, and the one that replaced it
        waits for a review of its own. The next page begins after the last one's `event_id`.
        """
        later, newer = feedback_events.alias(), reviews.alias()
        replaced = select(later.c.id).where(
            later.c.prediction_id == feedback_events.c.prediction_id,
            later.c.user_id == feedback_events.c.user_id,
            later.c.id > feedback_events.c.id,
        )
        overruled = select(newer.c.id).where(
            newer.c.feedback_event_id == reviews.c.feedback_event_id, newer.c.id > reviews.c.id
        )
        page = (
            select(*_ACCEPTED)
            .join(reviews, reviews.c.feedback_event_id == feedback_events.c.id)
            .join(predictions, predictions.c.id == feedback_events.c.prediction_id)
            .where(reviews.c.decision == Decision.ACCEPTED, ~replaced.exists(), ~overruled.exists())
            .where(feedback_events.c.id > after_id)
        )
        return await self._all(AcceptedClaim, page.order_by(feedback_events.c.id).limit(limit))

    async def _lock(self, prediction_id: int) -> None:
        """On PostgreSQL two taps wait for each other here; on SQLite a unit that writes is alone anyway."""
        row = select(predictions.c.id).where(predictions.c.id == prediction_id).with_for_update()
        if await self._value(row) is None:
            raise RowMissing(f"prediction {prediction_id} is not in the database; its user may have been forgotten")

    # Last in the class, because inside it the name hides the built-in one.
    async def list(
        self, *, prediction_id: int | None = None, user_id: int | None = None, limit: int = 100, after_id: int = 0
    ) -> list[FeedbackRecord]:
        """Claims, oldest first, of one prediction or person or of all. The next page begins after the last one's id."""
        page = select(feedback_events).where(feedback_events.c.id > after_id)
        if prediction_id is not None:
            page = page.where(feedback_events.c.prediction_id == prediction_id)
        if user_id is not None:
            page = page.where(feedback_events.c.user_id == user_id)
        return await self._all(FeedbackRecord, page.order_by(feedback_events.c.id).limit(limit))
