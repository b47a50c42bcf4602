"""What became of a claim is to be told to whoever made it: in its message, and where it taught nothing, in a word."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from db.learning.learning_records import ClaimNotice
from db.repository import Repository, insert
from db.tables import AWAKE_ANSWER, claim_notices


class ClaimNotices(Repository):
    """By claim; each decision about it makes it due again."""

    async def decided(self, event_id: int) -> None:
        """Something was decided about this claim."""
        due = {"next_try_at": self._now(), "tries": 0, "error": None}
        fresh = insert(claim_notices).values(feedback_event_id=event_id, **due)
        await self._run(fresh.on_conflict_do_update(index_elements=[claim_notices.c.feedback_event_id], set_=due))

    async def due(self, limit: int, settled: timedelta) -> list[ClaimNotice]:
        """Those whose last decision has stood for so long that it will hardly be undone, longest first."""
        c = claim_notices.c
        page = select(claim_notices).where(AWAKE_ANSWER, c.next_try_at <= self._now() - settled)
        return await self._all(ClaimNotice, page.order_by(c.next_try_at, c.feedback_event_id).limit(limit))

    async def later(self, event_id: int, at: datetime, error: str) -> None:
        """It could not be said: when it is tried next, and why."""
        this = update(claim_notices).where(claim_notices.c.feedback_event_id == event_id, AWAKE_ANSWER)
        await self._run(this.values(next_try_at=at, tries=claim_notices.c.tries + 1, error=error[:500]))

    async def told(self, notice: ClaimNotice) -> None:
        """Its person has been told that nothing was learned from it, once and for all."""
        this = update(claim_notices).where(claim_notices.c.feedback_event_id == notice.feedback_event_id)
        await self._run(this.values(told_at=self._now()))

    async def said(self, notice: ClaimNotice) -> None:
        """The message says it. A decision that came meanwhile is still to be said."""
        c = claim_notices.c
        this = update(claim_notices).where(
            c.feedback_event_id == notice.feedback_event_id, c.next_try_at == notice.next_try_at
        )
        await self._run(this.values(next_try_at=None, tries=0, error=None))
