"""What moderators, or the trust policy, decided about claims. The last decision counts."""

from sqlalchemy import func, select

from db.records import Decision, ReviewRecord
from db.repository import Repository
from db.tables import reviews


class Reviews(Repository):
    """Decisions by feedback event, only ever added."""

    async def add(
        self,
        *,
        feedback_event_id: int,
        decision: Decision,
        reviewer: str,
        breed: str | None = None,
        reason: str | None = None,
    ) -> ReviewRecord:
        """Add a decision. `reviewer` says who, `breed` what it is where that differs from the claim."""
        fresh = self._insert(reviews).values(
            feedback_event_id=feedback_event_id,
            decision=Decision(decision),
            breed=breed,
            reviewer=reviewer,
            reason=reason,
            created_at=self._now(),
        )
        return await self._one(ReviewRecord, fresh.returning(reviews))

    async def latest(self, feedback_event_id: int) -> ReviewRecord | None:
        """The decision that counts, or None."""
        newest = select(reviews).where(reviews.c.feedback_event_id == feedback_event_id)
        return await self._first(ReviewRecord, newest.order_by(reviews.c.id.desc()).limit(1))

    async def count(self) -> int:
        """How many decisions there are."""
        return int(await self._value(select(func.count()).select_from(reviews)))
