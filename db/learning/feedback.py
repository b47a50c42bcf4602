"""What people claim about answers: events that are only ever added. A claim is not the truth; a review decides."""

from collections.abc import Sequence

from sqlalchemy import func, select

from core.claim import Decision, Verdict
from db.chat.chat_records import AcceptedClaim, ClaimedDog, FeedbackRecord
from db.errors import RowMissing
from db.learning.claim_status import KEPT, Standing
from db.repository import Repository, insert
from db.tables import SUGGESTION_LENGTH, accepted_claims, feedback_events, predictions, reviews, users

_BEFORE = reviews.alias()
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
    predictions.c.dog,
    feedback_events.c.created_at,
    reviews.c.reviewer,
    predictions.c.backbone_id,
    predictions.c.features,
    select(_BEFORE.c.id)
    .where(_BEFORE.c.feedback_event_id == feedback_events.c.id, _BEFORE.c.decision == Decision.SET_ASIDE)
    .exists()
    .label("restored"),
    predictions.c.box,
)


class Feedback(Repository):
    """Claims by prediction, in the order they were made."""

    async def append(
        self,
        *,
        prediction_id: int,
        user_id: int,
        verdict: Verdict,
        breed: str | None = None,
        suggestion: str | None = None,
    ) -> FeedbackRecord:
        """Add a claim; saying the same twice in a row is saying it once, and returns what is there.

        It replaces what the person had said before, and waits for a review unless it is `dont_know` or `withdrawn`; if
        the photo may not be kept, it waits for consent first.
        Raises ValueError unless `breed` comes with the verdict `correct`, `suggestion` (at most 60 characters) with
        `other`, and both only there; RowMissing if the prediction is gone.
        """
        said = {"verdict": Verdict(verdict), "breed": breed, "suggestion": suggestion}
        if (breed is not None, suggestion is not None) != (verdict == Verdict.CORRECT, verdict == Verdict.OTHER):
            raise ValueError(f"{said}: {Verdict.CORRECT} needs a breed, {Verdict.OTHER} a suggestion, others neither")
        if suggestion is not None and not 0 < len(suggestion) <= SUGGESTION_LENGTH:
            raise ValueError(f"a suggestion of {len(suggestion)} characters: give 1 to {SUGGESTION_LENGTH}")
        standing = Standing(self._connection, self._now)
        about = await standing.lock(prediction_id)
        if about is None:
            raise RowMissing(f"prediction {prediction_id} is not in the database; its user may have been forgotten")
        last = await self.latest(prediction_id, user_id=user_id)
        if last is not None and (last.verdict, last.breed, last.suggestion) == tuple(said.values()):
            return last
        claim = insert(feedback_events).values(
            prediction_id=prediction_id, user_id=user_id, created_at=self._now(), **said
        )
        [added] = await self._all(FeedbackRecord, claim.returning(feedback_events))
        await standing.claimed(added, last, about)
        return added

    async def get(self, event_id: int) -> FeedbackRecord | None:
        """One claim, or None."""
        return await self._first(FeedbackRecord, select(feedback_events).where(feedback_events.c.id == event_id))

    async def kept_photo(self, event_id: int) -> ClaimedDog | None:
        """The dog that a claim is about; None unless its person lets others look at the photo."""
        photo = (
            select(predictions.c.photo_sha256, predictions.c.box)
            .join(feedback_events, feedback_events.c.prediction_id == predictions.c.id)
            .join(users, users.c.id == predictions.c.user_id)
        )
        return await self._first(ClaimedDog, photo.where(feedback_events.c.id == event_id, KEPT))

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
        page = (
            select(accepted_claims)
            .where(accepted_claims.c.feedback_event_id > after_id)
            .order_by(accepted_claims.c.feedback_event_id)
            .limit(limit)
            .subquery()
        )
        whole = (
            select(*_ACCEPTED)
            .select_from(page)
            .join(feedback_events, feedback_events.c.id == page.c.feedback_event_id)
            .join(reviews, reviews.c.id == page.c.review_id)
            .join(predictions, predictions.c.id == feedback_events.c.prediction_id)
            # Says nothing new, but tells PostgreSQL's planner where to begin.
            .where(feedback_events.c.id > after_id, reviews.c.feedback_event_id > after_id)
        )
        return await self._all(AcceptedClaim, whole.order_by(page.c.feedback_event_id))

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
