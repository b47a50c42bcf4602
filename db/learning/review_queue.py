"""The claims that wait for a decision, most informative first."""

from datetime import datetime

from sqlalchemy import ScalarSelect, func, or_, select, tuple_, update
from sqlalchemy.sql.selectable import Select, Subquery

from db.errors import RowMissing
from db.learning.learning_records import ReviewItem
from db.repository import Repository
from db.tables import feedback_events, predictions, review_queue

COUNTED = 10_000


class ReviewQueue(Repository):
    """Claims by feedback event; what enters and leaves is decided in `claim_status.py`."""

    async def next(self, limit: int = 1, *, after: tuple[float, int] | None = None) -> list[ReviewItem]:
        """The most informative ones, skipped ones not before their time.

        The next page begins after the last one's `(priority, event_id)`.
        """
        c = review_queue.c
        page = select(c.feedback_event_id, c.rank).where(or_(c.skipped_until.is_(None), c.skipped_until <= self._now()))
        if after is not None:
            priority, event_id = after
            page = page.where(tuple_(c.rank, c.feedback_event_id) > tuple_(-priority, event_id))
        return await self._items(page.order_by(c.rank, c.feedback_event_id).limit(limit))

    async def get(self, feedback_event_id: int) -> ReviewItem | None:
        """One that waits, skipped or not; None: it does not wait (any more)."""
        c = review_queue.c
        found = await self._items(select(c.feedback_event_id, c.rank).where(c.feedback_event_id == feedback_event_id))
        return found[0] if found else None

    async def count(self) -> int:
        """How many wait; exact up to 10,000, and 10,000 where there are more."""
        some = select(review_queue.c.feedback_event_id).limit(COUNTED).subquery()
        return int(await self._value(select(func.count()).select_from(some)))

    async def skip(self, feedback_event_id: int, until: datetime) -> None:
        """Show it to nobody before then. Raises RowMissing if it does not wait (any more)."""
        this = update(review_queue).where(review_queue.c.feedback_event_id == feedback_event_id)
        if not await self._run(this.values(skipped_until=until)):
            raise RowMissing(f"claim {feedback_event_id} does not wait for a review any more")

    async def _items(self, page: Select[tuple[int, float]]) -> list[ReviewItem]:
        waiting = page.subquery()
        items = _columns(waiting).order_by(waiting.c.rank, waiting.c.feedback_event_id)
        return await self._all(ReviewItem, items)


def _columns(waiting: Subquery) -> Select[tuple[object, ...]]:
    claim, answer = feedback_events.c, predictions.c
    return (
        select(
            claim.id.label("event_id"),
            claim.prediction_id,
            claim.user_id,
            claim.verdict,
            claim.breed.label("claimed_breed"),
            claim.suggestion,
            (-waiting.c.rank).label("priority"),
            answer.kind,
            answer.top,
            answer.not_a_dog,
            answer.model_id,
            answer.photo_sha256,
            claim.created_at,
            answer.dog,
            answer.box,
            _dogs().label("dogs"),
        )
        .select_from(waiting)
        .join(feedback_events, claim.id == waiting.c.feedback_event_id)
        .join(predictions, answer.id == claim.prediction_id)
    )


def _dogs() -> ScalarSelect[int]:
    """How many dogs of the photo have an answer."""
    beside = predictions.alias()
    counted = select(func.count()).select_from(beside).where(beside.c.job_id == predictions.c.job_id)
    return counted.correlate(predictions).scalar_subquery()
