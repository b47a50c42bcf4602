"""What the community taught, from counts that are kept; nothing here reads claims one by one."""

from sqlalchemy import func, select

from db.learning.learning_records import CommunityStats, RetrainStatus
from db.learning.review_queue import ReviewQueue
from db.repository import Repository
from db.tables import accepted_claims, accepted_counts, contributors, feedback_events, retrains


class Stats(Repository):
    """Numbers for /stats."""

    async def community(self) -> CommunityStats:
        """Everything at once."""
        theirs = select(feedback_events.c.id).join(
            accepted_claims, accepted_claims.c.feedback_event_id == feedback_events.c.id
        )
        theirs = theirs.where(feedback_events.c.user_id == contributors.c.user_id)
        people = select(func.count()).select_from(contributors).where(theirs.exists())
        corrections = select(func.coalesce(func.sum(accepted_counts.c.corrections), 0))
        breeds = await self.breeds()
        return CommunityStats(
            accepted=sum(accepted for _, accepted in breeds),
            corrections=int(await self._value(corrections)),
            people=int(await self._value(people)),
            breeds=breeds,
            waiting=await ReviewQueue(self._connection, self._now).count(),
            models=await self._models(),
        )

    async def breeds(self) -> list[tuple[str, int]]:
        """Accepted claims by label (`not_a_dog` too), most first."""
        c = accepted_counts.c
        some = select(c.breed, c.accepted).where(c.accepted > 0).order_by(c.accepted.desc(), c.breed)
        return [(row.breed, row.accepted) for row in await self._execute(some)]

    async def _models(self) -> int:
        promoted = retrains.c.status.in_([RetrainStatus.PROMOTED, RetrainStatus.ROLLED_BACK])
        models = func.count(retrains.c.model_id.distinct())  # one that was taken back may be made again
        return int(await self._value(select(models).where(promoted)))
